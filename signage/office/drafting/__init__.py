"""What officers really have – Word files, signed PDFs, posters – becomes the draft of a notice.

draft        one file → `Draft`: its Markdown, the files beside it, what to fill in, what to look at
apart        a file is taken apart in a process of its own, with limits; in it run:
  word         mammoth: HTML of a Word file
  faithful     the Word file made anew as it looks on paper: `package` reads it with care, `plain` rewrites its
               paragraphs, `styles` and `numbering` say what Word would show, `oldletters` knows TCVN3 and VNI
  pdf          pypdf: pages, size, signature fields
blocks       HTML → paragraphs, tables, pictures
letterhead   head of an official document (NĐ 30/2020); `foot` has who signs and who receives it
writing      blocks → Markdown
skeleton     the header, with a blank for each thing that the document does not say
"""
