CREATE TABLE account (
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	full_name TEXT NOT NULL,
	email TEXT DEFAULT '' NOT NULL,
	role TEXT NOT NULL,
	everywhere BOOLEAN DEFAULT '0' NOT NULL,
	password TEXT NOT NULL,
	password_set INTEGER NOT NULL,
	must_change BOOLEAN DEFAULT '0' NOT NULL,
	failures INTEGER DEFAULT '0' NOT NULL,
	locked_until INTEGER,
	disabled INTEGER,
	made INTEGER NOT NULL,
	seen INTEGER,
	CONSTRAINT pk_account PRIMARY KEY (id),
	CONSTRAINT uq_account_name UNIQUE (name)
);

CREATE TABLE attempt (
	address TEXT NOT NULL,
	failures INTEGER NOT NULL,
	last INTEGER NOT NULL,
	locked_until INTEGER,
	CONSTRAINT pk_attempt PRIMARY KEY (address)
)
 WITHOUT ROWID;

CREATE INDEX ix_attempt_last ON attempt (last);

CREATE TABLE commune (
	code TEXT NOT NULL,
	name TEXT DEFAULT '' NOT NULL,
	agency TEXT DEFAULT '' NOT NULL,
	sample BOOLEAN DEFAULT '0' NOT NULL,
	newest INTEGER,
	newest_seen INTEGER,
	published INTEGER,
	published_at INTEGER,
	CONSTRAINT pk_commune PRIMARY KEY (code)
)
 WITHOUT ROWID;

CREATE TABLE lease (
	name TEXT NOT NULL,
	holder TEXT NOT NULL,
	until INTEGER NOT NULL,
	CONSTRAINT pk_lease PRIMARY KEY (name)
)
 WITHOUT ROWID;

CREATE TABLE note (
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	CONSTRAINT pk_note PRIMARY KEY (name)
)
 WITHOUT ROWID;

CREATE TABLE outbox (
	id INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	recipient TEXT NOT NULL,
	subject TEXT NOT NULL,
	body TEXT NOT NULL,
	data TEXT DEFAULT '{}' NOT NULL,
	made INTEGER NOT NULL,
	due INTEGER NOT NULL,
	tries INTEGER DEFAULT '0' NOT NULL,
	sent INTEGER,
	given_up INTEGER,
	error TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_outbox PRIMARY KEY (id),
	CONSTRAINT uq_outbox_key UNIQUE ("key")
);

CREATE INDEX ix_outbox_due ON outbox (due);

CREATE TABLE recipient (
	name TEXT NOT NULL,
	channel TEXT NOT NULL,
	address TEXT NOT NULL,
	communes TEXT DEFAULT '[]' NOT NULL,
	least INTEGER DEFAULT '3' NOT NULL,
	digest BOOLEAN DEFAULT '0' NOT NULL,
	upto INTEGER NOT NULL,
	digested TEXT DEFAULT '' NOT NULL,
	disabled INTEGER,
	CONSTRAINT pk_recipient PRIMARY KEY (name)
)
 WITHOUT ROWID;

CREATE TABLE account_commune (
	account INTEGER NOT NULL,
	commune TEXT NOT NULL,
	CONSTRAINT pk_account_commune PRIMARY KEY (account, commune),
	CONSTRAINT fk_account_commune_account FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE,
	CONSTRAINT fk_account_commune_commune FOREIGN KEY(commune) REFERENCES commune (code) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE audit (
	id INTEGER NOT NULL,
	at INTEGER NOT NULL,
	account INTEGER,
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

CREATE TABLE board (
	id INTEGER NOT NULL,
	commune TEXT NOT NULL,
	code TEXT NOT NULL,
	public TEXT NOT NULL,
	chain INTEGER NOT NULL,
	repository TEXT NOT NULL,
	enrolled INTEGER NOT NULL,
	name TEXT NOT NULL,
	site TEXT DEFAULT '' NOT NULL,
	hamlet TEXT DEFAULT '' NOT NULL,
	shape TEXT DEFAULT '' NOT NULL,
	metered BOOLEAN DEFAULT '0' NOT NULL,
	retired INTEGER,
	latitude INTEGER,
	longitude INTEGER,
	CONSTRAINT pk_board PRIMARY KEY (id),
	CONSTRAINT uq_board_commune_code UNIQUE (commune, code),
	CONSTRAINT uq_board_public UNIQUE (public),
	CONSTRAINT fk_board_commune FOREIGN KEY(commune) REFERENCES commune (code)
);

CREATE TABLE enrolment_code (
	code_sha TEXT NOT NULL,
	commune TEXT NOT NULL,
	board TEXT NOT NULL,
	place TEXT NOT NULL,
	replaces BOOLEAN NOT NULL,
	made INTEGER NOT NULL,
	made_by TEXT NOT NULL,
	until INTEGER NOT NULL,
	used INTEGER,
	public TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_enrolment_code PRIMARY KEY (code_sha),
	CONSTRAINT fk_enrolment_code_commune FOREIGN KEY(commune) REFERENCES commune (code)
)
 WITHOUT ROWID;

CREATE TABLE fleet_group (
	id INTEGER NOT NULL,
	commune TEXT,
	name TEXT NOT NULL,
	CONSTRAINT pk_fleet_group PRIMARY KEY (id),
	CONSTRAINT uq_fleet_group_commune_name UNIQUE (commune, name),
	CONSTRAINT fk_fleet_group_commune FOREIGN KEY(commune) REFERENCES commune (code)
);

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
	submitted INTEGER,
	approved INTEGER,
	published INTEGER,
	start INTEGER,
	"end" INTEGER,
	withdrawn INTEGER,
	gone INTEGER,
	hidden INTEGER,
	alert TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_notice PRIMARY KEY (commune, statement),
	CONSTRAINT fk_notice_commune FOREIGN KEY(commune) REFERENCES commune (code)
)
 WITHOUT ROWID;

CREATE TABLE report_field (
	commune TEXT NOT NULL,
	period TEXT NOT NULL,
	field TEXT NOT NULL,
	value TEXT NOT NULL,
	account INTEGER,
	at INTEGER NOT NULL,
	CONSTRAINT pk_report_field PRIMARY KEY (commune, period, field),
	CONSTRAINT fk_report_field_commune FOREIGN KEY(commune) REFERENCES commune (code),
	CONSTRAINT fk_report_field_account FOREIGN KEY(account) REFERENCES account (id)
)
 WITHOUT ROWID;

CREATE TABLE session (
	token_sha TEXT NOT NULL,
	account INTEGER NOT NULL,
	kind TEXT NOT NULL,
	csrf TEXT NOT NULL,
	made INTEGER NOT NULL,
	seen INTEGER NOT NULL,
	until INTEGER NOT NULL,
	address TEXT DEFAULT '' NOT NULL,
	agent TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_session PRIMARY KEY (token_sha),
	CONSTRAINT fk_session_account FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE submission (
	commune TEXT NOT NULL,
	period TEXT NOT NULL,
	kind TEXT NOT NULL,
	at INTEGER NOT NULL,
	account INTEGER,
	sha TEXT NOT NULL,
	CONSTRAINT pk_submission PRIMARY KEY (commune, period, kind),
	CONSTRAINT fk_submission_commune FOREIGN KEY(commune) REFERENCES commune (code),
	CONSTRAINT fk_submission_account FOREIGN KEY(account) REFERENCES account (id)
)
 WITHOUT ROWID;

CREATE TABLE about (
	board INTEGER NOT NULL,
	received INTEGER NOT NULL,
	told BLOB NOT NULL,
	CONSTRAINT pk_about PRIMARY KEY (board),
	CONSTRAINT fk_about_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE TABLE alarm (
	id INTEGER NOT NULL,
	board INTEGER,
	code TEXT NOT NULL,
	level INTEGER NOT NULL,
	detail TEXT DEFAULT '{}' NOT NULL,
	since INTEGER NOT NULL,
	opened INTEGER,
	quiet_since INTEGER,
	until INTEGER,
	closed INTEGER,
	times INTEGER DEFAULT '1' NOT NULL,
	told INTEGER,
	CONSTRAINT pk_alarm PRIMARY KEY (id),
	CONSTRAINT fk_alarm_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_alarm_board_since ON alarm (board, since);

CREATE INDEX ix_alarm_closed ON alarm (closed);

CREATE INDEX ix_alarm_told ON alarm (told);

CREATE INDEX ix_alarm_until ON alarm (until);

CREATE UNIQUE INDEX uq_alarm_open ON alarm (board, code) WHERE until IS NULL;

CREATE TABLE change (
	id INTEGER NOT NULL,
	board INTEGER NOT NULL,
	at INTEGER NOT NULL,
	what TEXT NOT NULL,
	was TEXT NOT NULL,
	now TEXT NOT NULL,
	CONSTRAINT pk_change PRIMARY KEY (id),
	CONSTRAINT fk_change_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_change_at ON change (at);

CREATE INDEX ix_change_board_at ON change (board, at);

CREATE TABLE day (
	board INTEGER NOT NULL,
	day TEXT NOT NULL,
	"right" INTEGER NOT NULL,
	claimed INTEGER NOT NULL,
	dark INTEGER NOT NULL,
	wrong INTEGER NOT NULL,
	unknown INTEGER NOT NULL,
	emergency INTEGER NOT NULL,
	reports INTEGER NOT NULL,
	temp_low INTEGER,
	temp_high INTEGER,
	disk_low INTEGER,
	CONSTRAINT pk_day PRIMARY KEY (board, day),
	CONSTRAINT fk_day_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_day_day ON day (day);

CREATE TABLE fleet_setting (
	id INTEGER NOT NULL,
	board INTEGER,
	group_id INTEGER,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	set_at INTEGER NOT NULL,
	CONSTRAINT pk_fleet_setting PRIMARY KEY (id),
	CONSTRAINT uq_fleet_setting_board_name UNIQUE (board, name),
	CONSTRAINT uq_fleet_setting_group_id_name UNIQUE (group_id, name),
	CONSTRAINT fk_fleet_setting_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE,
	CONSTRAINT fk_fleet_setting_group_id FOREIGN KEY(group_id) REFERENCES fleet_group (id) ON DELETE CASCADE
);

CREATE TABLE frame (
	board INTEGER NOT NULL,
	received INTEGER NOT NULL,
	sent INTEGER NOT NULL,
	layer TEXT DEFAULT 'surface' NOT NULL,
	file TEXT,
	jpeg BLOB NOT NULL,
	CONSTRAINT pk_frame PRIMARY KEY (board),
	CONSTRAINT fk_frame_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE TABLE frame_request (
	board INTEGER NOT NULL,
	at INTEGER NOT NULL,
	account INTEGER NOT NULL,
	CONSTRAINT pk_frame_request PRIMARY KEY (board, at),
	CONSTRAINT fk_frame_request_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE,
	CONSTRAINT fk_frame_request_account FOREIGN KEY(account) REFERENCES account (id)
)
 WITHOUT ROWID;

CREATE TABLE group_board (
	group_id INTEGER NOT NULL,
	board INTEGER NOT NULL,
	CONSTRAINT pk_group_board PRIMARY KEY (group_id, board),
	CONSTRAINT fk_group_board_group_id FOREIGN KEY(group_id) REFERENCES fleet_group (id) ON DELETE CASCADE,
	CONSTRAINT fk_group_board_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE hour (
	board INTEGER NOT NULL,
	hour INTEGER NOT NULL,
	"right" INTEGER NOT NULL,
	claimed INTEGER NOT NULL,
	dark INTEGER NOT NULL,
	wrong INTEGER NOT NULL,
	unknown INTEGER NOT NULL,
	emergency INTEGER NOT NULL,
	reports INTEGER NOT NULL,
	temp_low INTEGER,
	temp_high INTEGER,
	disk_low INTEGER,
	CONSTRAINT pk_hour PRIMARY KEY (board, hour),
	CONSTRAINT fk_hour_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_hour_hour ON hour (hour);

CREATE TABLE maintenance (
	id INTEGER NOT NULL,
	board INTEGER,
	commune TEXT,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	reason TEXT NOT NULL,
	account INTEGER NOT NULL,
	made INTEGER NOT NULL,
	CONSTRAINT pk_maintenance PRIMARY KEY (id),
	CONSTRAINT fk_maintenance_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE,
	CONSTRAINT fk_maintenance_commune FOREIGN KEY(commune) REFERENCES commune (code),
	CONSTRAINT fk_maintenance_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_maintenance_until ON maintenance (until);

CREATE TABLE mark (
	board INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	kind TEXT NOT NULL,
	chain INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	missing INTEGER NOT NULL,
	times INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	CONSTRAINT pk_mark PRIMARY KEY (board, slot),
	CONSTRAINT fk_mark_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_mark_last ON mark (last);

CREATE TABLE play_day (
	board INTEGER NOT NULL,
	day TEXT NOT NULL,
	file TEXT NOT NULL,
	plays INTEGER NOT NULL,
	ms INTEGER NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	sha_first TEXT NOT NULL,
	sha_last TEXT NOT NULL,
	CONSTRAINT pk_play_day PRIMARY KEY (board, day, file),
	CONSTRAINT fk_play_day_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_play_day_day ON play_day (day);

CREATE TABLE report (
	board INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	chain INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	sha TEXT NOT NULL,
	received INTEGER NOT NULL,
	envelope BLOB NOT NULL,
	CONSTRAINT pk_report PRIMARY KEY (board, slot),
	CONSTRAINT fk_report_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE slide (
	board INTEGER NOT NULL,
	file TEXT NOT NULL,
	statement TEXT,
	title TEXT NOT NULL,
	seen INTEGER NOT NULL,
	CONSTRAINT pk_slide PRIMARY KEY (board, file),
	CONSTRAINT fk_slide_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_slide_seen ON slide (seen);

CREATE TABLE span (
	id INTEGER NOT NULL,
	board INTEGER NOT NULL,
	kind TEXT NOT NULL,
	code TEXT NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER,
	cause TEXT DEFAULT '' NOT NULL,
	note TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_span PRIMARY KEY (id),
	CONSTRAINT fk_span_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE INDEX ix_span_board_since ON span (board, since);

CREATE INDEX ix_span_until ON span (until);

CREATE UNIQUE INDEX uq_span_open ON span (board, kind, code) WHERE until IS NULL;

CREATE TABLE state (
	board INTEGER NOT NULL,
	chain INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	sha TEXT NOT NULL,
	received INTEGER NOT NULL,
	sent INTEGER NOT NULL,
	evidence INTEGER NOT NULL,
	report BLOB NOT NULL,
	publication INTEGER,
	most INTEGER,
	verdict TEXT NOT NULL,
	apart INTEGER,
	layer TEXT NOT NULL,
	screen TEXT NOT NULL,
	kind TEXT NOT NULL,
	statement TEXT,
	faults TEXT NOT NULL,
	temp_c INTEGER,
	disk_mb INTEGER NOT NULL,
	marks INTEGER NOT NULL,
	own_level INTEGER DEFAULT '0' NOT NULL,
	CONSTRAINT pk_state PRIMARY KEY (board),
	CONSTRAINT fk_state_board FOREIGN KEY(board) REFERENCES board (id) ON DELETE CASCADE
);

CREATE TABLE acknowledgement (
	id INTEGER NOT NULL,
	alarm INTEGER NOT NULL,
	account INTEGER NOT NULL,
	at INTEGER NOT NULL,
	note TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_acknowledgement PRIMARY KEY (id),
	CONSTRAINT fk_acknowledgement_alarm FOREIGN KEY(alarm) REFERENCES alarm (id) ON DELETE CASCADE,
	CONSTRAINT fk_acknowledgement_account FOREIGN KEY(account) REFERENCES account (id)
);

CREATE INDEX ix_acknowledgement_alarm ON acknowledgement (alarm)
