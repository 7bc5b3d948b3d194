"""The office: notices and approvals in, a website and signed publications out."""
