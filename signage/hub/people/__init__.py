"""People of the hub: who may log in, what each may see and do, and what each has done.

    roles      what a role may, and which communes a person sees (pure)
    passwords  which passwords are taken, and how they are kept (argon2id)
    accounts   people who may log in
    entry      logging in: slow for whoever guesses, alike for names that are and names that are not
    browsers   where somebody typed the right password before: nobody shuts him out there
    sessions   log-ins that last, and tokens of programs
    audit      what was done, each row naming the one before by its hash

Every function takes a `Connection`: whoever calls it decides what belongs into one transaction. What
is changed and its row of the audit always do.
"""
