"""The office: notices and approvals in, a website and signed publications out.

Written and approved
    desk         an author submits, another person approves, anyone responsible takes back; approving/: the local pages
    submitting   an author's round in the browser; folder/: the shared folder's door; drafting/: Word and PDF files
    commits, pushes, delivery, hooks    git's door
    preview, changes, brevity           what is looked at before anybody signs
    book         the review book; standing: where every statement stands; knowledge/: the same, O(change)
    keyring, peoplefile, countersign, safety, sheet, safe    keys and people

Drawn
    slides       a notice for each shape of board; layout/: families of sheets; typesetting, words, prose, dates: text
    drawing      the only Pillow; fontfile, qr, film, metadata: what it draws with
    sight, legibility, pace             whether and how long people can read it

Published
    publish      one step that can be repeated; watch: again when something changes; recheck: compared with a clean one
    boards, manifests, dossiers, repository, metafiles, urgent    the boards' part
    handover     what the website is handed; website/: it; showing, paper, doctype, duties, rules/: what it says
    serving, waiting, usb               how it leaves
    weeksheet, sticker                  on paper

Kept
    audit, minutes, inquiry             who did what
    archive, backup, restoring          what was shown; all that cannot be made again
    enrolment, box, doctor, reminders, starter, cap    boards, the machine, the commune
"""
