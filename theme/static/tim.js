// Tìm trong chỉ mục nhỏ ở tim/ (xem signage/office/pages/search.py): chỉ tải phần ứng với chữ đang gõ.
"use strict";
const SHOWN = 10, FEW = 5, SNIPPETS = 5, AROUND = 70, OTHERS = 3;
const ATONCE = 6; // trình duyệt tải được ngần ấy tệp một lúc (HTTP/1.1)
const TITLE = 1, NUMBER = 2, HERE = 8;
const box = document.getElementById("loc"), typed = document.getElementById("tu");
const list = document.getElementById("kq"), told = document.getElementById("dem"), further = document.getElementById("them");
const kept = new Map();

const get = (name) => {
  if (!kept.has(name)) kept.set(name, fetch("tim/" + name + ".json").then((r) => (r.ok ? r.json() : {}), () => ({})));
  return kept.get(name);
};
// Một chữ ra một chữ, để vị trí trong câu không đổi.
const bare = (c) => c.normalize("NFD")[0].replace("đ", "d");
const fold = (text) => Array.from(text.normalize("NFC").toLowerCase(), bare).join("");
const words = (text) => (text.normalize("NFC").toLowerCase().match(/\d+|\p{L}+/gu) || [])
  .map((w) => (/^\d/.test(w) ? w.replace(/^0+(?=\d)/, "") : w));
// Gõ Telex hay VNI mà bộ gõ đang tắt: "tieem chungr", "d9ie6n".
const untyped = (w) => fold(w).replace(/dd/g, "d").replace(/aa/g, "a").replace(/ee/g, "e").replace(/oo/g, "o")
  .replace(/([aou])w/g, "$1").replace(/^w/, "u").replace(/(?<=[aeiouy][a-z]*)[sfrxj]$/, "");
const numbersOut = (text) => text.replace(/(\p{L})(?:[0-9](?=\p{L})|[1-9]+(?=\s|$))/gu, "$1");
// Tệp chứa một từ có tên dài nhất mà từ ấy bắt đầu bằng; danh mục nói có những tệp nào.
let files = { a: new Set(), b: new Set() }, total = 0;
const shard = (tier, word) => {
  if (!/^[\x00-\x7f]*$/.test(word.slice(0, 2))) word = "__";
  for (let n = word.length; n; n--) if (files[tier].has(word.slice(0, n))) return get(tier + "-" + word.slice(0, n));
  return {};
};

// Nơi một từ đứng: mỗi thông báo một ô, HERE là có.
const none = () => ({ at: new Uint8Array(total), size: 0 });
function places(deltas, step, into) {
  let place = 0;
  for (const d of deltas) {
    place += Math.floor(d / step);
    if (!into.at[place]) into.size++;
    into.at[place] |= HERE | (step > 1 ? d % step : 0);
  }
  return into;
}

// Đúng dấu nếu người tìm gõ dấu và có từ ấy, nếu không thì mọi cách viết; từ cuối có thể đang gõ dở.
async function heads(word, open) {
  const folded = fold(word), index = await shard("a", folded), found = none();
  const forms = index[folded] || {};
  if (folded !== word && forms[word]) places(forms[word], 8, found);
  else for (const form in forms) places(forms[form], 8, found);
  if (!open || folded.length < 2 || /^\d/.test(folded)) return found;
  const more = found.size ? [] : [...files.a].filter((name) => name.startsWith(folded) && name !== folded);
  for (const other of [index, ...(await Promise.all(more.slice(0, OTHERS).map((name) => get("a-" + name))))])
    for (const longer in other) if (longer !== folded && longer.startsWith(folded))
      for (const form in other[longer]) places(other[longer][form], 8, found);
  return found;
}
const inBodies = async (word) => places((await shard("b", fold(word)))[fold(word)] || [], 1, none());
async function label(kind, value) {
  const name = kind + "_" + value;
  return value ? places(((await shard("a", name))[name] || { "": [] })[""], 8, none()) : null;
}

async function hits(query) {
  const list = words(query);
  let each = await Promise.all(list.map((w, i) => heads(w, i === list.length - 1)));
  each = await Promise.all(each.map(async (found, i) => {
    if (found.size) return found;
    const other = untyped(list[i]);
    return other !== fold(list[i]) ? heads(other, false) : found;
  }));
  return { list, each };
}

// Bao nhiêu từ có ở mỗi thông báo, và chúng nặng bao nhiêu.
function scored(each) {
  const count = new Uint8Array(total), score = new Float64Array(total);
  for (const { at, size } of each) {
    const rare = Math.log(1 + total / (size || 1));
    for (let p = 0; p < total; p++) {
      const where = at[p];
      if (!where) continue;
      count[p]++;
      score[p] += rare * (where & NUMBER ? 10 : where & TITLE ? 8 : where > HERE ? 3 : 1);
    }
  }
  return { count, score };
}

async function found(query, chosen) {
  let { list, each } = await hits(query);
  if (!list.length) return [];
  const plain = numbersOut(query);
  if (each.some((m) => !m.size) && plain !== query) {
    const again = await hits(plain);
    if (again.each.every((m) => m.size)) ({ list, each } = again);
  }
  let { count, score } = scored(each);
  if (count.reduce((n, c) => n + (c === list.length), 0) < FEW) {
    const bodies = await Promise.all(list.map(inBodies));
    each.forEach((m, i) => bodies[i].at.forEach((here, p) => { if (here && !m.at[p]) { m.at[p] = HERE; m.size++; } }));
    ({ count, score } = scored(each));
  }
  for (const only of chosen) if (only) only.at.forEach((here, p) => { if (!here) count[p] = 0; });
  const most = count.reduce((a, b) => Math.max(a, b), 0), least = Math.max(1, most > 2 ? most - 1 : most);
  const places = [];
  for (let p = total - 1; p >= 0; p--) if (count[p] >= least) places.push(p);
  const key = score.map((s, p) => count[p] * 1e6 + s);
  places.sort((a, b) => key[b] - key[a]);
  return nearer(places, query, list, { count, score });
}

// Mấy dòng đầu xếp lại khi đã biết tiêu đề: đúng cả cụm từ, đúng số văn bản thì lên trước.
async function nearer(places, query, list, { count, score }) {
  const first = places.slice(0, ATONCE), rows = await Promise.all(first.map(row));
  const phrase = fold(list.join(" ")), joined = list.map(fold).join("");
  const near = new Map(first.map((p, i) => {
    const [url, title, summary, number] = rows[i];
    const text = [title, url, summary].map((t) => words(t).map(fold).join(" ")).join(" | "), own = words(number).map(fold).join("");
    const same = list.filter((w) => w !== fold(w) && words(title).includes(w)).length;
    const pairs = list.slice(1).filter((w, n) => text.includes(fold(list[n]) + " " + fold(w))).length;
    return [p, (own && own === joined ? 100 : own && own.startsWith(joined) ? 50 : 0) + (text.includes(phrase) ? 20 : 0)
      + (text.startsWith(phrase) ? 5 : 0) + same + 4 * pairs + count[p] * 30 + score[p]];
  }));
  first.sort((a, b) => near.get(b) - near.get(a) || b - a);
  return [...first, ...places.slice(ATONCE)];
}
async function row(place) {
  const per = (await get("c")).rows, found = await get("d/" + Math.floor(place / per));
  return found[place % per] || ["", "", "", "", "", "", ""];
}

// Tô từ tìm thấy; chữ được so không dấu, được viết đủ dấu.
function marked(text, list) {
  const folded = fold(text), made = document.createDocumentFragment(), spots = [];
  for (const [n, w] of list.map(fold).entries()) {
    const open = n === list.length - 1 && !/^\d/.test(w); // từ đang gõ dở
    const word = new RegExp("(?<![\\p{L}\\d])" + w + (open ? "" : "(?![\\p{L}\\d])"), "gu");
    for (const m of folded.matchAll(word)) spots.push([m.index, m.index + w.length]);
  }
  let at = 0;
  for (const [from, to] of spots.sort((a, b) => a[0] - b[0])) {
    if (from < at) continue;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(from, to);
    made.append(text.slice(at, from), mark);
    at = to;
  }
  made.append(text.slice(at));
  return made;
}
async function snippet(url, list) {
  const page = await fetch(url).then((r) => (r.ok ? r.text() : ""), () => "");
  const body = new DOMParser().parseFromString(page, "text/html").querySelector(".than");
  const text = body ? body.textContent.normalize("NFC").replace(/\s+/g, " ").trim() : "", folded = fold(text);
  const spots = list.flatMap((w, n) =>
    [...folded.matchAll(new RegExp("(?<![\\p{L}\\d])" + fold(w) + "(?![\\p{L}\\d])", "gu"))].map((m) => [m.index, n]));
  const near = ([at]) => new Set(spots.filter(([o]) => o >= at && o < at + AROUND).map(([, n]) => n)).size;
  const at = spots.sort((a, b) => near(b) - near(a) || a[0] - b[0])[0]?.[0]; // nơi nhiều từ đứng gần nhau nhất
  if (at === undefined) return "";
  const from = at > AROUND ? text.indexOf(" ", at - AROUND) + 1 : 0, to = text.indexOf(" ", at + AROUND * 2);
  return (from ? "… " : "") + text.slice(from, to < 0 ? undefined : to) + (to < 0 ? "" : " …");
}
const says = (text, list) => list.map(fold).every((w) => words(text).map(fold).some((o) => o.startsWith(w)));

// Một dòng kết quả; hứa thêm đoạn trích khi tiêu đề và tóm tắt không nói đủ.
async function entry(place, list, n, kinds) {
  const [url, title, summary, number, kind, day] = await row(place), li = document.createElement("li");
  const line = (name, ...parts) => { const p = document.createElement("p"); p.className = name; p.append(...parts); li.append(p); return p; };
  line("nhan", [kinds[kind], number, day].filter(Boolean).join(" · "));
  const link = document.createElement("a");
  link.href = url;
  link.append(marked(title, list));
  line("tua", link);
  const text = line("", marked(summary, list)), wants = n < SNIPPETS && !says([title, number, kinds[kind], summary].join(" "), list);
  return { li, more: async () => { const said = wants && (await snippet(url, list)); if (said) text.replaceChildren(marked(said, list)); } };
}

let turn = 0, busy = false, again = false, shown = SHOWN, before = "";
async function show() {
  const mine = ++turn, data = new FormData(box), query = data.get("q").trim();
  const card = await get("c"), list_ = words(query);
  const chosen = await Promise.all(["k", "h", "y"].map((name) => label(name, data.get(name))));
  const only = chosen.some(Boolean) && !list_.length;
  const every = () => Array.from({ length: total }, (_, n) => total - 1 - n);
  const places = only ? every().filter((p) => chosen.every((c) => !c || c.at[p])) : await found(query, chosen);
  const address = "?" + new URLSearchParams([...data].filter(([, v]) => v));
  if (address !== before) shown = SHOWN;
  before = address;
  const entries = (from, to) => Promise.all(places.slice(from, to).map((p, n) => entry(p, list_, from + n, card.kinds || {})));
  const made = await entries(0, ATONCE);
  list.replaceChildren(...made.map((one) => one.li));
  told.textContent = !list_.length && !only ? "" : places.length
    ? places.length + " kết quả" + (places.length > shown ? ", xem " + shown + " kết quả đầu" : "")
    : "Không có kết quả. Thử ít từ hơn, hoặc xem theo danh sách bên dưới.";
  further.hidden = places.length <= shown;
  list.dataset.first = query;
  history.replaceState(null, "", address);
  rest(mine, query, made, entries(ATONCE, shown));
}
// Những dòng sau và các đoạn trích đến khi dòng đầu đã đứng đó.
async function rest(mine, query, made, coming) {
  const others = await coming;
  if (mine !== turn) return;
  list.append(...others.map((one) => one.li));
  await Promise.all([...made, ...others].map((one) => one.more()));
  if (mine === turn) list.dataset.query = query;
}
// Gõ nhanh hơn máy tìm thì chữ sau đợi chữ trước tìm xong; không hẹn giờ.
async function soon() {
  again = true;
  if (busy) return;
  busy = true;
  try { while (again) { again = false; await show(); } } finally { busy = false; }
}

(async () => {
  const asked = new URLSearchParams(location.search), card = await get("c");
  files = { a: new Set(card.a), b: new Set(card.b) };
  total = card.n || 0;
  for (const year of card.years || []) box.elements.y.add(new Option(year, year));
  for (const name of ["q", "k", "h", "y"]) if (asked.get(name)) box.elements[name].value = asked.get(name);
  box.hidden = false;
  box.addEventListener("submit", (e) => e.preventDefault());
  box.addEventListener("input", soon);
  further.addEventListener("click", () => { shown += SHOWN; soon(); });
  if ([...asked.values()].some(Boolean)) soon();
})();
