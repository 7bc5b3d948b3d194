CREATE TABLE account (
	id BIGSERIAL NOT NULL,
	name TEXT NOT NULL,
	full_name TEXT NOT NULL,
	email TEXT DEFAULT '' NOT NULL,
	role TEXT NOT NULL,
	everywhere BOOLEAN DEFAULT '0' NOT NULL,
	password TEXT NOT NULL,
	password_set BIGINT NOT NULL,
	must_change BOOLEAN DEFAULT '0' NOT NULL,
	failures BIGINT DEFAULT '0' NOT NULL,
	locked_until BIGINT,
	disabled BIGINT,
	made BIGINT NOT NULL,
	seen BIGINT,
	CONSTRAINT pk_account PRIMARY KEY (id),
	CONSTRAINT uq_account_name UNIQUE (name)
);

COMMENT ON TABLE account IS 'People who may log in.';

COMMENT ON COLUMN account.id IS 'counts up';

COMMENT ON COLUMN account.name IS 'to log in with, lower case';

COMMENT ON COLUMN account.full_name IS 'as people say it';

COMMENT ON COLUMN account.email IS 'or empty';

COMMENT ON COLUMN account.role IS 'admin | operator | auditor';

COMMENT ON COLUMN account.everywhere IS 'all communes; else those of account_commune';

COMMENT ON COLUMN account.password IS 'argon2id hash, with its parameters';

COMMENT ON COLUMN account.password_set IS 'when it was set (ms, UTC)';

COMMENT ON COLUMN account.must_change IS 'at the next log-in';

COMMENT ON COLUMN account.failures IS 'wrong passwords in a row';

COMMENT ON COLUMN account.locked_until IS 'not before (ms, UTC)';

COMMENT ON COLUMN account.disabled IS 'since when it may not log in (ms, UTC)';

COMMENT ON COLUMN account.made IS 'when (ms, UTC)';

COMMENT ON COLUMN account.seen IS 'last log-in (ms, UTC)';

CREATE TABLE attempt (
	address TEXT NOT NULL,
	failures BIGINT NOT NULL,
	last BIGINT NOT NULL,
	locked_until BIGINT,
	CONSTRAINT pk_attempt PRIMARY KEY (address)
);

CREATE INDEX ix_attempt_last ON attempt (last);

COMMENT ON TABLE attempt IS 'Wrong log-ins by address, to slow them down.';

COMMENT ON COLUMN attempt.address IS 'it came from';

COMMENT ON COLUMN attempt.failures IS 'in a row';

COMMENT ON COLUMN attempt.last IS 'last one (ms, UTC)';

COMMENT ON COLUMN attempt.locked_until IS 'not before (ms, UTC)';

CREATE TABLE commune (
	code TEXT NOT NULL,
	name TEXT DEFAULT '' NOT NULL,
	agency TEXT DEFAULT '' NOT NULL,
	sample BOOLEAN DEFAULT '0' NOT NULL,
	newest BIGINT,
	newest_seen BIGINT,
	published BIGINT,
	published_at BIGINT,
	CONSTRAINT pk_commune PRIMARY KEY (code)
);

COMMENT ON TABLE commune IS 'Communes whose boards this hub hears.';

COMMENT ON COLUMN commune.code IS 'five digits (QĐ 19/2025)';

COMMENT ON COLUMN commune.name IS 'as people say it';

COMMENT ON COLUMN commune.agency IS 'identifier of its office (QĐ 20/2020), or empty';

COMMENT ON COLUMN commune.sample IS 'invented data: every page says so';

COMMENT ON COLUMN commune.newest IS 'highest publication that two of its boards told, or its only one';

COMMENT ON COLUMN commune.newest_seen IS 'since when that is so (ms, UTC)';

COMMENT ON COLUMN commune.published IS 'by the office''s own folder, if this hub has it; boards are then held against this';

COMMENT ON COLUMN commune.published_at IS 'when that was made (ms, UTC)';

CREATE TABLE lease (
	name TEXT NOT NULL,
	holder TEXT NOT NULL,
	until BIGINT NOT NULL,
	CONSTRAINT pk_lease PRIMARY KEY (name)
);

COMMENT ON TABLE lease IS 'Who does a job that only one process may do.';

COMMENT ON COLUMN lease.name IS 'of the job, such as watchman';

COMMENT ON COLUMN lease.holder IS 'random name of the process';

COMMENT ON COLUMN lease.until IS 'another may take it then (ms, UTC)';

CREATE TABLE note (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	CONSTRAINT pk_note PRIMARY KEY (name)
);

COMMENT ON TABLE note IS 'Small facts of the hub itself, such as when it last swept.';

COMMENT ON COLUMN note.name IS 'of it';

COMMENT ON COLUMN note.value IS 'JSON';

CREATE TABLE outbox (
	id BIGSERIAL NOT NULL,
	key TEXT NOT NULL,
	recipient TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	data TEXT DEFAULT '{}' NOT NULL,
	made BIGINT NOT NULL,
	due BIGINT NOT NULL,
	tries BIGINT DEFAULT '0' NOT NULL,
	sent BIGINT,
	given_up BIGINT,
	error TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_outbox PRIMARY KEY (id),
	CONSTRAINT uq_outbox_key UNIQUE (key)
);

CREATE INDEX ix_outbox_due ON outbox (due);

COMMENT ON TABLE outbox IS 'What is to be sent: at least once, a limited number of tries.';

COMMENT ON COLUMN outbox.id IS 'counts up';

COMMENT ON COLUMN outbox.key IS 'one for each thing that is told: never twice in this table';

COMMENT ON COLUMN outbox.recipient IS 'name in the hub''s settings file, which alone knows the address';

COMMENT ON COLUMN outbox.subject IS 'one line';

COMMENT ON COLUMN outbox.body IS 'text';

COMMENT ON COLUMN outbox.data IS 'the same for a program, JSON';

COMMENT ON COLUMN outbox.made IS 'when (ms, UTC)';

COMMENT ON COLUMN outbox.due IS 'next try (ms, UTC)';

COMMENT ON COLUMN outbox.tries IS 'so far';

COMMENT ON COLUMN outbox.sent IS 'taken by the other side (ms, UTC)';

COMMENT ON COLUMN outbox.given_up IS 'after the last try (ms, UTC)';

COMMENT ON COLUMN outbox.error IS 'of the last try';

CREATE TABLE recipient (
	name TEXT NOT NULL,
	channel TEXT NOT NULL,
	address TEXT NOT NULL,
	communes TEXT DEFAULT '[]' NOT NULL,
	least BIGINT DEFAULT '3' NOT NULL,
	digest BOOLEAN DEFAULT '0' NOT NULL,
	upto BIGINT NOT NULL,
	digested TEXT DEFAULT '' NOT NULL,
	disabled BIGINT,
	CONSTRAINT pk_recipient PRIMARY KEY (name)
);

COMMENT ON TABLE recipient IS 'Who is told, as the hub''s settings file says, and up to when they have been told.';

COMMENT ON COLUMN recipient.name IS 'of it in the file';

COMMENT ON COLUMN recipient.channel IS 'mail | webhook';

COMMENT ON COLUMN recipient.address IS 'e-mail; of a webhook its host alone, since the rest may be a secret';

COMMENT ON COLUMN recipient.communes IS 'JSON list of codes; empty: all';

COMMENT ON COLUMN recipient.least IS 'quietest level that is told';

COMMENT ON COLUMN recipient.digest IS 'each morning';

COMMENT ON COLUMN recipient.upto IS 'what was released until then has been handed to the outbox (ms, UTC)';

COMMENT ON COLUMN recipient.digested IS 'Vietnamese day of the last digest, or empty';

COMMENT ON COLUMN recipient.disabled IS 'since when it is not in the file (ms, UTC)';

CREATE TABLE account_commune (
	account BIGINT NOT NULL,
	commune TEXT NOT NULL,
	CONSTRAINT pk_account_commune PRIMARY KEY (account, commune),
	CONSTRAINT fk_account_commune_account FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE,
	CONSTRAINT fk_account_commune_commune FOREIGN KEY(commune) REFERENCES commune (code) ON DELETE CASCADE
);

COMMENT ON TABLE account_commune IS 'Which communes an account may see, when not all.';

COMMENT ON COLUMN account_commune.account IS 'who (account.id)';

COMMENT ON COLUMN account_commune.commune IS 'where (commune.code)';

CREATE TABLE audit (
	id BIGSERIAL NOT NULL,
	at BIGINT NOT NULL,
	account BIGINT,
	actor TEXT NOT NULL,
	act TEXT NOT NULL,
	commune TEXT DEFAULT '' NOT NULL,
	thing TEXT NOT NULL,
	detail TEXT NOT NULL,
	prev TEXT NOT NULL,
	sha TEXT NOT NULL,
	CONSTRAINT pk_audit PRIMARY KEY (id),
	CONSTRAINT fk_audit_account FOREIGN KEY(account) REFERENCES account (id),
	CONSTRAINT uq_audit_sha UNIQUE (sha)
);

CREATE INDEX ix_audit_at ON audit (at);

COMMENT ON TABLE audit IS 'Every change that a person made, each naming the one before by its hash.';

COMMENT ON COLUMN audit.id IS 'counts up';

COMMENT ON COLUMN audit.at IS 'when (ms, UTC)';

COMMENT ON COLUMN audit.account IS 'who, if by log-in (account.id)';

COMMENT ON COLUMN audit.actor IS 'name at that time; `box` for the command line';

COMMENT ON COLUMN audit.act IS 'what, such as account.add';

COMMENT ON COLUMN audit.commune IS 'where, or empty';

COMMENT ON COLUMN audit.thing IS 'on what';

COMMENT ON COLUMN audit.detail IS 'canonical JSON, no secrets';

COMMENT ON COLUMN audit.prev IS 'SHA-256 of the row before, zeros for the first';

COMMENT ON COLUMN audit.sha IS 'SHA-256 of this row';

CREATE TABLE board (
	id BIGSERIAL NOT NULL,
	commune TEXT NOT NULL,
	code TEXT NOT NULL,
	public TEXT NOT NULL,
	chain BIGINT NOT NULL,
	repository TEXT NOT NULL,
	enrolled BIGINT NOT NULL,
	name TEXT NOT NULL,
	site TEXT DEFAULT '' NOT NULL,
	hamlet TEXT DEFAULT '' NOT NULL,
	shape TEXT DEFAULT '' NOT NULL,
	metered BOOLEAN DEFAULT '0' NOT NULL,
	retired BIGINT,
	latitude BIGINT,
	longitude BIGINT,
	CONSTRAINT pk_board PRIMARY KEY (id),
	CONSTRAINT uq_board_commune_code UNIQUE (commune, code),
	CONSTRAINT uq_board_public UNIQUE (public),
	CONSTRAINT fk_board_commune FOREIGN KEY(commune) REFERENCES commune (code)
);

COMMENT ON TABLE board IS 'Boards and the one key that each signs with.';

COMMENT ON COLUMN board.id IS 'the board everywhere else in this database';

COMMENT ON COLUMN board.commune IS 'where it stands (commune.code)';

COMMENT ON COLUMN board.code IS 'its id in the commune''s settings, a name of a-z, 0-9 and hyphens';

COMMENT ON COLUMN board.public IS 'its Ed25519 key, 64 hex digits; two boards never share one';

COMMENT ON COLUMN board.chain IS 'counts its keys, from 1';

COMMENT ON COLUMN board.repository IS 'SHA-256 of the commune''s first root, which every report names';

COMMENT ON COLUMN board.enrolled IS 'when the key was taken (ms, UTC)';

COMMENT ON COLUMN board.name IS 'as people say it';

COMMENT ON COLUMN board.site IS 'where it hangs';

COMMENT ON COLUMN board.hamlet IS 'name of the hamlet, or empty';

COMMENT ON COLUMN board.shape IS 'of its screen, such as lcd-1920x1080, or empty';

COMMENT ON COLUMN board.metered IS 'its link is paid by the megabyte';

COMMENT ON COLUMN board.retired IS 'since when it hangs no more: it is not judged, its past is kept (ms, UTC)';

COMMENT ON COLUMN board.latitude IS 'degrees × 10^6';

COMMENT ON COLUMN board.longitude IS 'degrees × 10^6';

CREATE TABLE enrolment_code (
	code_sha TEXT NOT NULL,
	commune TEXT NOT NULL,
	board TEXT NOT NULL,
	place TEXT NOT NULL,
	replaces BOOLEAN NOT NULL,
	made BIGINT NOT NULL,
	made_by TEXT NOT NULL,
	until BIGINT NOT NULL,
	used BIGINT,
	public TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_enrolment_code PRIMARY KEY (code_sha),
	CONSTRAINT fk_enrolment_code_commune FOREIGN KEY(commune) REFERENCES commune (code)
);

COMMENT ON TABLE enrolment_code IS 'One-time codes with which a board brings its own card.';

COMMENT ON COLUMN enrolment_code.code_sha IS 'SHA-256 of the code';

COMMENT ON COLUMN enrolment_code.commune IS 'where (commune.code)';

COMMENT ON COLUMN enrolment_code.board IS 'its code in the commune';

COMMENT ON COLUMN enrolment_code.place IS 'JSON: name, site, hamlet, metered';

COMMENT ON COLUMN enrolment_code.replaces IS 'a broken box with the same place';

COMMENT ON COLUMN enrolment_code.made IS 'when (ms, UTC)';

COMMENT ON COLUMN enrolment_code.made_by IS 'account''s name';

COMMENT ON COLUMN enrolment_code.until IS 'good until (ms, UTC)';

COMMENT ON COLUMN enrolment_code.used IS 'when it was used (ms, UTC)';

COMMENT ON COLUMN enrolment_code.public IS 'the key that came';

CREATE TABLE fleet_group (
	id BIGSERIAL NOT NULL,
	commune TEXT,
	name TEXT NOT NULL,
	CONSTRAINT pk_fleet_group PRIMARY KEY (id),
	CONSTRAINT uq_fleet_group_commune_name UNIQUE (commune, name),
	CONSTRAINT fk_fleet_group_commune FOREIGN KEY(commune) REFERENCES commune (code)
);

COMMENT ON TABLE fleet_group IS 'Boards that are set and looked at together.';

COMMENT ON COLUMN fleet_group.id IS 'counts up';

COMMENT ON COLUMN fleet_group.commune IS 'or none: of the whole hub (commune.code)';

COMMENT ON COLUMN fleet_group.name IS 'of it';

CREATE TABLE notice (
	commune TEXT NOT NULL,
	statement TEXT NOT NULL,
	notice TEXT DEFAULT '' NOT NULL,
	title TEXT NOT NULL,
	kind TEXT DEFAULT '' NOT NULL,
	class TEXT NOT NULL,
	category TEXT DEFAULT '' NOT NULL,
	hamlets TEXT DEFAULT '[]' NOT NULL,
	files TEXT DEFAULT '[]' NOT NULL,
	boards TEXT DEFAULT '[]' NOT NULL,
	submitted BIGINT,
	approved BIGINT,
	published BIGINT,
	start BIGINT,
	"end" BIGINT,
	withdrawn BIGINT,
	gone BIGINT,
	hidden BIGINT,
	alert TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_notice PRIMARY KEY (commune, statement),
	CONSTRAINT fk_notice_commune FOREIGN KEY(commune) REFERENCES commune (code)
);

COMMENT ON TABLE notice IS 'Notices as the office published them, for reports by class, category and hamlet.';

COMMENT ON COLUMN notice.commune IS 'whose (commune.code)';

COMMENT ON COLUMN notice.statement IS 'SHA-256';

COMMENT ON COLUMN notice.notice IS 'its id in the office, such as thong-bao/2026/cat-dien-thon-3';

COMMENT ON COLUMN notice.title IS 'of it';

COMMENT ON COLUMN notice.kind IS 'such as niem-yet, or empty';

COMMENT ON COLUMN notice.class IS 'thong-thuong | uu-tien | khan-cap';

COMMENT ON COLUMN notice.category IS 'or empty';

COMMENT ON COLUMN notice.hamlets IS 'JSON list';

COMMENT ON COLUMN notice.files IS 'JSON list of its slides'' SHA-256';

COMMENT ON COLUMN notice.boards IS 'JSON list of board codes that should show it';

COMMENT ON COLUMN notice.submitted IS 'by the author''s record (ms, UTC)';

COMMENT ON COLUMN notice.approved IS 'by the approver''s record (ms, UTC)';

COMMENT ON COLUMN notice.published IS 'first seen in a publication (ms, UTC)';

COMMENT ON COLUMN notice.start IS 'valid from (ms, UTC)';

COMMENT ON COLUMN notice."end" IS 'valid until (ms, UTC)';

COMMENT ON COLUMN notice.withdrawn IS 'taken back, by the record that says so (ms, UTC)';

COMMENT ON COLUMN notice.gone IS 'first publication that has it no more, before its end and without such a record (ms, UTC)';

COMMENT ON COLUMN notice.hidden IS 'first publication that has it as hidden (ms, UTC)';

COMMENT ON COLUMN notice.alert IS 'of an emergency: JSON of level, source, bulletin_time, drill; or empty';

CREATE TABLE report_field (
	commune TEXT NOT NULL,
	period TEXT NOT NULL,
	field TEXT NOT NULL,
	value TEXT NOT NULL,
	account BIGINT,
	at BIGINT NOT NULL,
	CONSTRAINT pk_report_field PRIMARY KEY (commune, period, field),
	CONSTRAINT fk_report_field_commune FOREIGN KEY(commune) REFERENCES commune (code),
	CONSTRAINT fk_report_field_account FOREIGN KEY(account) REFERENCES account (id)
);

COMMENT ON TABLE report_field IS 'What a person fills in by hand, since no board can know it.';

COMMENT ON COLUMN report_field.commune IS 'whose (commune.code)';

COMMENT ON COLUMN report_field.period IS '2026-11 | 2026-Q4 | 2026';

COMMENT ON COLUMN report_field.field IS 'of the report';

COMMENT ON COLUMN report_field.value IS 'as typed';

COMMENT ON COLUMN report_field.account IS 'who (account.id)';

COMMENT ON COLUMN report_field.at IS 'when (ms, UTC)';

CREATE TABLE session (
	token_sha TEXT NOT NULL,
	account BIGINT NOT NULL,
	kind TEXT NOT NULL,
	csrf TEXT NOT NULL,
	made BIGINT NOT NULL,
	seen BIGINT NOT NULL,
	until BIGINT NOT NULL,
	address TEXT DEFAULT '' NOT NULL,
	agent TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_session PRIMARY KEY (token_sha),
	CONSTRAINT fk_session_account FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE
);

COMMENT ON TABLE session IS 'Log-ins that last; the token itself is only in the browser.';

COMMENT ON COLUMN session.token_sha IS 'SHA-256 of the token';

COMMENT ON COLUMN session.account IS 'whose (account.id)';

COMMENT ON COLUMN session.kind IS 'page | token (of a program, reads only)';

COMMENT ON COLUMN session.csrf IS 'token of its forms';

COMMENT ON COLUMN session.made IS 'log-in (ms, UTC)';

COMMENT ON COLUMN session.seen IS 'last request, to within a minute (ms, UTC)';

COMMENT ON COLUMN session.until IS 'ends at the latest (ms, UTC)';

COMMENT ON COLUMN session.address IS 'it came from';

COMMENT ON COLUMN session.agent IS 'browser, cut';

CREATE TABLE submission (
	commune TEXT NOT NULL,
	period TEXT NOT NULL,
	kind TEXT NOT NULL,
	at BIGINT NOT NULL,
	account BIGINT,
	sha TEXT NOT NULL,
	CONSTRAINT pk_submission PRIMARY KEY (commune, period, kind),
	CONSTRAINT fk_submission_commune FOREIGN KEY(commune) REFERENCES commune (code),
	CONSTRAINT fk_submission_account FOREIGN KEY(account) REFERENCES account (id)
);

COMMENT ON TABLE submission IS 'Periodic reports that a commune has handed in.';

COMMENT ON COLUMN submission.commune IS 'whose (commune.code)';

COMMENT ON COLUMN submission.period IS '2026-11 | 2026-Q4 | 2026';

COMMENT ON COLUMN submission.kind IS 'of report';

COMMENT ON COLUMN submission.at IS 'when (ms, UTC)';

COMMENT ON COLUMN submission.account IS 'who (account.id)';

COMMENT ON COLUMN submission.sha IS 'SHA-256 of the file';

CREATE TABLE about (
	board BIGINT NOT NULL,
	received BIGINT NOT NULL,
	told BYTEA NOT NULL,
	CONSTRAINT pk_about PRIMARY KEY (board),
	CONSTRAINT fk_about_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

COMMENT ON TABLE about IS 'What each board runs on, as it told last.';

COMMENT ON COLUMN about.board IS 'board.id';

COMMENT ON COLUMN about.received IS 'by the hub''s clock (ms, UTC)';

COMMENT ON COLUMN about.told IS 'the report''s `about`, canonical JSON';

CREATE TABLE alarm (
	id BIGSERIAL NOT NULL,
	board BIGINT,
	code TEXT NOT NULL,
	level BIGINT NOT NULL,
	detail TEXT DEFAULT '{}' NOT NULL,
	since BIGINT NOT NULL,
	opened BIGINT,
	quiet_since BIGINT,
	until BIGINT,
	closed BIGINT,
	times BIGINT DEFAULT '1' NOT NULL,
	told BIGINT,
	CONSTRAINT pk_alarm PRIMARY KEY (id),
	CONSTRAINT fk_alarm_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_alarm_board_since ON alarm (board, since);

CREATE INDEX ix_alarm_closed ON alarm (closed);

CREATE INDEX ix_alarm_told ON alarm (told);

CREATE INDEX ix_alarm_until ON alarm (until);

CREATE UNIQUE INDEX uq_alarm_open ON alarm (board, code) WHERE until IS NULL;

COMMENT ON TABLE alarm IS 'What a person must hear of; open while `until` is null.';

COMMENT ON COLUMN alarm.id IS 'counts up';

COMMENT ON COLUMN alarm.board IS 'board.id';

COMMENT ON COLUMN alarm.code IS 'reason, as `alarms.judge` names it';

COMMENT ON COLUMN alarm.level IS '1 note, 2 warning, 3 alarm';

COMMENT ON COLUMN alarm.detail IS 'values of the sentence, JSON';

COMMENT ON COLUMN alarm.since IS 'first seen (ms, UTC)';

COMMENT ON COLUMN alarm.opened IS 'when it had lasted long enough to be told (ms, UTC)';

COMMENT ON COLUMN alarm.quiet_since IS 'not seen since, but not yet closed (ms, UTC)';

COMMENT ON COLUMN alarm.until IS 'over: last seen then, and not again (ms, UTC)';

COMMENT ON COLUMN alarm.closed IS 'when that was sure (ms, UTC)';

COMMENT ON COLUMN alarm.times IS 'how often it came back before it closed, and once';

COMMENT ON COLUMN alarm.told IS 'released to whom it concerns (ms, UTC)';

CREATE TABLE change (
	id BIGSERIAL NOT NULL,
	board BIGINT NOT NULL,
	at BIGINT NOT NULL,
	what TEXT NOT NULL,
	was TEXT NOT NULL,
	now TEXT NOT NULL,
	CONSTRAINT pk_change PRIMARY KEY (id),
	CONSTRAINT fk_change_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_change_at ON change (at);

CREATE INDEX ix_change_board_at ON change (board, at);

COMMENT ON TABLE change IS 'What changed in a board''s state, by evidence.';

COMMENT ON COLUMN change.id IS 'counts up';

COMMENT ON COLUMN change.board IS 'board.id';

COMMENT ON COLUMN change.at IS 'when (ms, UTC)';

COMMENT ON COLUMN change.what IS 'publication | screen | showing';

COMMENT ON COLUMN change.was IS 'before';

COMMENT ON COLUMN change.now IS 'after';

CREATE TABLE day (
	board BIGINT NOT NULL,
	day TEXT NOT NULL,
	"right" BIGINT NOT NULL,
	claimed BIGINT NOT NULL,
	dark BIGINT NOT NULL,
	wrong BIGINT NOT NULL,
	unknown BIGINT NOT NULL,
	emergency BIGINT NOT NULL,
	reports BIGINT NOT NULL,
	temp_low BIGINT,
	temp_high BIGINT,
	disk_low BIGINT,
	CONSTRAINT pk_day PRIMARY KEY (board, day),
	CONSTRAINT fk_day_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_day_day ON day (day);

COMMENT ON TABLE day IS 'The same by Vietnamese day, kept for years.';

COMMENT ON COLUMN day.board IS 'board.id';

COMMENT ON COLUMN day.day IS '2026-11-22';

COMMENT ON COLUMN day."right" IS 'milliseconds: the right picture, seen by an independent look at the window';

COMMENT ON COLUMN day.claimed IS 'milliseconds: the right picture, only by the player''s own word';

COMMENT ON COLUMN day.dark IS 'milliseconds: off by its timetable';

COMMENT ON COLUMN day.wrong IS 'milliseconds: black, foreign or frozen';

COMMENT ON COLUMN day.unknown IS 'milliseconds: it spoke, but nobody had looked; time without any word is what is left of the hour';

COMMENT ON COLUMN day.emergency IS 'milliseconds: of all these: an emergency was showing';

COMMENT ON COLUMN day.reports IS 'heard';

COMMENT ON COLUMN day.temp_low IS '°C';

COMMENT ON COLUMN day.temp_high IS '°C';

COMMENT ON COLUMN day.disk_low IS 'free MB';

CREATE TABLE fleet_setting (
	id BIGSERIAL NOT NULL,
	board BIGINT,
	group_id BIGINT,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	set_at BIGINT NOT NULL,
	CONSTRAINT pk_fleet_setting PRIMARY KEY (id),
	CONSTRAINT uq_fleet_setting_board_name UNIQUE (board, name),
	CONSTRAINT uq_fleet_setting_group_id_name UNIQUE (group_id, name),
	CONSTRAINT fk_fleet_setting_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE,
	CONSTRAINT fk_fleet_setting_group_id FOREIGN KEY(group_id) REFERENCES fleet_group (id) ON DELETE CASCADE
);

COMMENT ON TABLE fleet_setting IS 'Settings of a board or a group on the hub; the board''s own win.';

COMMENT ON COLUMN fleet_setting.id IS 'counts up';

COMMENT ON COLUMN fleet_setting.board IS 'board.id';

COMMENT ON COLUMN fleet_setting.group_id IS 'or of a group (fleet_group.id)';

COMMENT ON COLUMN fleet_setting.name IS 'of the setting';

COMMENT ON COLUMN fleet_setting.value IS 'JSON';

COMMENT ON COLUMN fleet_setting.set_at IS 'when (ms, UTC)';

CREATE TABLE frame (
	board BIGINT NOT NULL,
	received BIGINT NOT NULL,
	sent BIGINT NOT NULL,
	layer TEXT DEFAULT 'surface' NOT NULL,
	file TEXT,
	jpeg BYTEA NOT NULL,
	CONSTRAINT pk_frame PRIMARY KEY (board),
	CONSTRAINT fk_frame_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

COMMENT ON TABLE frame IS 'The newest small picture of each board''s glass.';

COMMENT ON COLUMN frame.board IS 'board.id';

COMMENT ON COLUMN frame.received IS 'by the hub''s clock (ms, UTC)';

COMMENT ON COLUMN frame.sent IS 'when it was taken, by the board''s clock (ms, UTC)';

COMMENT ON COLUMN frame.layer IS 'window: what stood there; surface: what the player drew';

COMMENT ON COLUMN frame.file IS 'SHA-256 of the slide that was showing then';

COMMENT ON COLUMN frame.jpeg IS 'checked to be a JPEG';

CREATE TABLE frame_request (
	board BIGINT NOT NULL,
	at BIGINT NOT NULL,
	account BIGINT NOT NULL,
	CONSTRAINT pk_frame_request PRIMARY KEY (board, at),
	CONSTRAINT fk_frame_request_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE,
	CONSTRAINT fk_frame_request_account FOREIGN KEY(account) REFERENCES account (id)
);

COMMENT ON TABLE frame_request IS 'Pictures that people asked boards for, of the last day.';

COMMENT ON COLUMN frame_request.board IS 'board.id';

COMMENT ON COLUMN frame_request.at IS 'by the hub''s clock (ms, UTC)';

COMMENT ON COLUMN frame_request.account IS 'who (account.id)';

CREATE TABLE group_board (
	group_id BIGINT NOT NULL,
	board BIGINT NOT NULL,
	CONSTRAINT pk_group_board PRIMARY KEY (group_id, board),
	CONSTRAINT fk_group_board_group_id FOREIGN KEY(group_id) REFERENCES fleet_group (id) ON DELETE CASCADE,
	CONSTRAINT fk_group_board_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

COMMENT ON TABLE group_board IS 'Which boards are in a group.';

COMMENT ON COLUMN group_board.group_id IS 'which (fleet_group.id)';

COMMENT ON COLUMN group_board.board IS 'board.id';

CREATE TABLE hour (
	board BIGINT NOT NULL,
	hour BIGINT NOT NULL,
	"right" BIGINT NOT NULL,
	claimed BIGINT NOT NULL,
	dark BIGINT NOT NULL,
	wrong BIGINT NOT NULL,
	unknown BIGINT NOT NULL,
	emergency BIGINT NOT NULL,
	reports BIGINT NOT NULL,
	temp_low BIGINT,
	temp_high BIGINT,
	disk_low BIGINT,
	CONSTRAINT pk_hour PRIMARY KEY (board, hour),
	CONSTRAINT fk_hour_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_hour_hour ON hour (hour);

COMMENT ON TABLE hour IS 'What each board did in each hour, by the time model; no row: nothing was heard.';

COMMENT ON COLUMN hour.board IS 'board.id';

COMMENT ON COLUMN hour.hour IS 'hours since 1970, UTC';

COMMENT ON COLUMN hour."right" IS 'milliseconds: the right picture, seen by an independent look at the window';

COMMENT ON COLUMN hour.claimed IS 'milliseconds: the right picture, only by the player''s own word';

COMMENT ON COLUMN hour.dark IS 'milliseconds: off by its timetable';

COMMENT ON COLUMN hour.wrong IS 'milliseconds: black, foreign or frozen';

COMMENT ON COLUMN hour.unknown IS 'milliseconds: it spoke, but nobody had looked; time without any word is what is left of the hour';

COMMENT ON COLUMN hour.emergency IS 'milliseconds: of all these: an emergency was showing';

COMMENT ON COLUMN hour.reports IS 'heard';

COMMENT ON COLUMN hour.temp_low IS '°C';

COMMENT ON COLUMN hour.temp_high IS '°C';

COMMENT ON COLUMN hour.disk_low IS 'free MB';

CREATE TABLE maintenance (
	id BIGSERIAL NOT NULL,
	board BIGINT,
	commune TEXT,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL,
	reason TEXT NOT NULL,
	account BIGINT NOT NULL,
	made BIGINT NOT NULL,
	CONSTRAINT pk_maintenance PRIMARY KEY (id),
	CONSTRAINT fk_maintenance_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE,
	CONSTRAINT fk_maintenance_commune FOREIGN KEY(commune) REFERENCES commune (code),
	CONSTRAINT fk_maintenance_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_maintenance_until ON maintenance (until);

COMMENT ON TABLE maintenance IS 'Windows in which work is done: alarms are kept but not told.';

COMMENT ON COLUMN maintenance.id IS 'counts up';

COMMENT ON COLUMN maintenance.board IS 'board.id';

COMMENT ON COLUMN maintenance.commune IS 'or all of a commune (commune.code)';

COMMENT ON COLUMN maintenance.since IS 'begin (ms, UTC)';

COMMENT ON COLUMN maintenance.until IS 'end (ms, UTC)';

COMMENT ON COLUMN maintenance.reason IS 'why';

COMMENT ON COLUMN maintenance.account IS 'who set it (account.id)';

COMMENT ON COLUMN maintenance.made IS 'when (ms, UTC)';

CREATE TABLE mark (
	board BIGINT NOT NULL,
	slot BIGINT NOT NULL,
	kind TEXT NOT NULL,
	chain BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	missing BIGINT NOT NULL,
	times BIGINT NOT NULL,
	first BIGINT NOT NULL,
	last BIGINT NOT NULL,
	CONSTRAINT pk_mark PRIMARY KEY (board, slot),
	CONSTRAINT fk_mark_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_mark_last ON mark (last);

COMMENT ON TABLE mark IS 'A ring of what was odd in each board''s chain (gap, torn, fork, old, new-key).';

COMMENT ON COLUMN mark.board IS 'board.id';

COMMENT ON COLUMN mark.slot IS 'place in the ring';

COMMENT ON COLUMN mark.kind IS 'what';

COMMENT ON COLUMN mark.chain IS 'key';

COMMENT ON COLUMN mark.seq IS 'number of the report';

COMMENT ON COLUMN mark.missing IS 'reports that never came';

COMMENT ON COLUMN mark.times IS 'how often, one after another';

COMMENT ON COLUMN mark.first IS 'first time (ms, UTC)';

COMMENT ON COLUMN mark.last IS 'last time (ms, UTC)';

CREATE TABLE play_day (
	board BIGINT NOT NULL,
	day TEXT NOT NULL,
	file TEXT NOT NULL,
	plays BIGINT NOT NULL,
	ms BIGINT NOT NULL,
	first BIGINT NOT NULL,
	last BIGINT NOT NULL,
	sha_first TEXT NOT NULL,
	sha_last TEXT NOT NULL,
	CONSTRAINT pk_play_day PRIMARY KEY (board, day, file),
	CONSTRAINT fk_play_day_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_play_day_day ON play_day (day);

COMMENT ON TABLE play_day IS 'Proof of posting: what a board showed on a day, and the reports that tell it.';

COMMENT ON COLUMN play_day.board IS 'board.id';

COMMENT ON COLUMN play_day.day IS 'Vietnamese day, 2026-11-22; empty: its clock was not set';

COMMENT ON COLUMN play_day.file IS 'SHA-256 of the slide; empty: those beyond the limit, together';

COMMENT ON COLUMN play_day.plays IS 'how often';

COMMENT ON COLUMN play_day.ms IS 'how long, together';

COMMENT ON COLUMN play_day.first IS 'began first (ms, UTC)';

COMMENT ON COLUMN play_day.last IS 'began last (ms, UTC)';

COMMENT ON COLUMN play_day.sha_first IS 'payload of the first report that told it';

COMMENT ON COLUMN play_day.sha_last IS 'payload of the last report that told it';

CREATE TABLE report (
	board BIGINT NOT NULL,
	slot BIGINT NOT NULL,
	chain BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	sha TEXT NOT NULL,
	received BIGINT NOT NULL,
	envelope BYTEA NOT NULL,
	CONSTRAINT pk_report PRIMARY KEY (board, slot),
	CONSTRAINT fk_report_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

COMMENT ON TABLE report IS 'A ring of each board''s last reports as signed: `slot` is `seq` modulo the ring''s length.';

COMMENT ON COLUMN report.board IS 'board.id';

COMMENT ON COLUMN report.slot IS 'place in the ring';

COMMENT ON COLUMN report.chain IS 'key that signed it';

COMMENT ON COLUMN report.seq IS 'its number';

COMMENT ON COLUMN report.sha IS 'SHA-256 of its payload';

COMMENT ON COLUMN report.received IS 'by the hub''s clock (ms, UTC)';

COMMENT ON COLUMN report.envelope IS 'DSSE, as it came';

CREATE TABLE slide (
	board BIGINT NOT NULL,
	file TEXT NOT NULL,
	statement TEXT,
	title TEXT NOT NULL,
	seen BIGINT NOT NULL,
	CONSTRAINT pk_slide PRIMARY KEY (board, file),
	CONSTRAINT fk_slide_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_slide_seen ON slide (seen);

COMMENT ON TABLE slide IS 'What slides are called, told by the board that showed them.';

COMMENT ON COLUMN slide.board IS 'board.id';

COMMENT ON COLUMN slide.file IS 'SHA-256';

COMMENT ON COLUMN slide.statement IS 'SHA-256, or none';

COMMENT ON COLUMN slide.title IS 'of the notice';

COMMENT ON COLUMN slide.seen IS 'last time, to within a day (ms, UTC)';

CREATE TABLE span (
	id BIGSERIAL NOT NULL,
	board BIGINT NOT NULL,
	kind TEXT NOT NULL,
	code TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT,
	cause TEXT DEFAULT '' NOT NULL,
	note TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_span PRIMARY KEY (id),
	CONSTRAINT fk_span_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_span_board_since ON span (board, since);

CREATE INDEX ix_span_until ON span (until);

CREATE UNIQUE INDEX uq_span_open ON span (board, kind, code) WHERE until IS NULL;

COMMENT ON TABLE span IS 'Intervals of what was not right, each with a cause; open while `until` is null.';

COMMENT ON COLUMN span.id IS 'counts up';

COMMENT ON COLUMN span.board IS 'board.id';

COMMENT ON COLUMN span.kind IS 'contact (lost) | screen (black, foreign, frozen, unchecked, dark) | content (old) | fault | away (taken down: silence then is no outage)';

COMMENT ON COLUMN span.code IS 'which of them; of a fault its code, of away the same word';

COMMENT ON COLUMN span.since IS 'begin; of contact by the hub''s clock, else by evidence (ms, UTC)';

COMMENT ON COLUMN span.until IS 'end (ms, UTC)';

COMMENT ON COLUMN span.cause IS 'power | network | hub | …, or empty: not known';

COMMENT ON COLUMN span.note IS 'what a person wrote';

CREATE TABLE state (
	board BIGINT NOT NULL,
	chain BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	sha TEXT NOT NULL,
	received BIGINT NOT NULL,
	sent BIGINT NOT NULL,
	evidence BIGINT NOT NULL,
	report BYTEA NOT NULL,
	publication BIGINT,
	most BIGINT,
	verdict TEXT NOT NULL,
	apart BIGINT,
	layer TEXT NOT NULL,
	screen TEXT NOT NULL,
	kind TEXT NOT NULL,
	statement TEXT,
	faults TEXT NOT NULL,
	temp_c BIGINT,
	disk_mb BIGINT NOT NULL,
	marks BIGINT NOT NULL,
	own_level BIGINT DEFAULT '0' NOT NULL,
	CONSTRAINT pk_state PRIMARY KEY (board),
	CONSTRAINT fk_state_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

COMMENT ON TABLE state IS 'Each board''s newest report, small, and where its chain stands.';

COMMENT ON COLUMN state.board IS 'board.id';

COMMENT ON COLUMN state.chain IS 'key that signed it';

COMMENT ON COLUMN state.seq IS 'its number';

COMMENT ON COLUMN state.sha IS 'SHA-256 of its payload';

COMMENT ON COLUMN state.received IS 'by the hub''s clock: contact is told by this (ms, UTC)';

COMMENT ON COLUMN state.sent IS 'by the board''s clock (ms, UTC)';

COMMENT ON COLUMN state.evidence IS 'up to when the hours are told: the board''s time where trusted, else ours (ms, UTC)';

COMMENT ON COLUMN state.report IS 'its payload without plays and frame, canonical JSON';

COMMENT ON COLUMN state.publication IS 'in force there';

COMMENT ON COLUMN state.most IS 'highest publication that this key told';

COMMENT ON COLUMN state.verdict IS 'of the picture';

COMMENT ON COLUMN state.apart IS 'by the hub''s clock: when it first told that number though another was its commune''s newest (ms, UTC)';

COMMENT ON COLUMN state.layer IS 'who looked';

COMMENT ON COLUMN state.screen IS 'verdict and layer in one word, as spans and hours count it';

COMMENT ON COLUMN state.kind IS 'of what is showing, or empty';

COMMENT ON COLUMN state.statement IS 'that is showing';

COMMENT ON COLUMN state.faults IS 'codes of its own faults, sorted, with spaces between';

COMMENT ON COLUMN state.temp_c IS 'temperature';

COMMENT ON COLUMN state.disk_mb IS 'free disk';

COMMENT ON COLUMN state.marks IS 'how many marks its chain has had';

COMMENT ON COLUMN state.own_level IS 'loudest of what it says of itself, as `alarms.judge` weighs it: 0 to 3';

CREATE TABLE acknowledgement (
	id BIGSERIAL NOT NULL,
	alarm BIGINT NOT NULL,
	account BIGINT NOT NULL,
	at BIGINT NOT NULL,
	note TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_acknowledgement PRIMARY KEY (id),
	CONSTRAINT fk_acknowledgement_alarm FOREIGN KEY(alarm) REFERENCES alarm (id) ON DELETE CASCADE,
	CONSTRAINT fk_acknowledgement_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_acknowledgement_alarm ON acknowledgement (alarm);

COMMENT ON TABLE acknowledgement IS 'Who took an alarm in hand, and what was done.';

COMMENT ON COLUMN acknowledgement.id IS 'counts up';

COMMENT ON COLUMN acknowledgement.alarm IS 'which (alarm.id)';

COMMENT ON COLUMN acknowledgement.account IS 'who (account.id)';

COMMENT ON COLUMN acknowledgement.at IS 'when (ms, UTC)';

COMMENT ON COLUMN acknowledgement.note IS 'what was done'
