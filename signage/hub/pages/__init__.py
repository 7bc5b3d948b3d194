"""What people see of the hub: server-rendered pages, each declared with who may see it.

    shell      how a page is declared, reached, checked and rendered: read its docstring to add one
    overview   all boards, worst first, and a page for each
    views      rows of the hub's store, judged and put in order
    words      the hub's states in Vietnamese
"""
