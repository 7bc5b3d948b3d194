"""Periodic reports: a commune's month, quarter or year; a notice's certificate of posting; a province's roll-up.

periods       a month, a quarter or a year in Vietnamese days (pure)
pack          what a person fills in, when reports are due, how long notices are posted: data, with its standing
due           which reports are due soon (pure)
facts         the rows of one commune and period, as values
collect       those rows, by SQL
showing       whose play a play is, and what each notice showed where (pure)
figures       a period's figures (pure)
tables        figures as tables: the one value that page, PDF, XLSX and CSV are made of (pure)
certificate   "Giấy xác nhận niêm yết" of one notice (pure)
rollup        all communes side by side, and who has not handed in (pure)
handed        what was filled in and handed in, by SQL
cells, sheets, paper   a value as words; XLSX and CSV; HTML and PDF
"""
