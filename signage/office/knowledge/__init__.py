"""What the office knows of its review book without reading it again: O(change) from a memory on the disk.

moment       what is known at one moment, and where it is remembered
known        statements, records and their standings
checked      files that were read and judged before; manuscripts: the officer's own
glance       which files changed
journal      what the audit log has seen
memory       the file of it: plain rows, thrown away when anything is odd
remembered   a notice without its words, which stay in the file that was signed
recall       for a command: of which notice a statement is
overview     for a command: the whole book, judged warm
"""
