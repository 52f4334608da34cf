// The live page. Whatever comes from the server is put into text nodes, never read as HTML: names of files and of workers are anybody's.
"use strict";

const pageRows = 50; // of a list at once
const listEvery = 5000; // milliseconds; a page of workers behind the first is asked for again

const $ = (id) => document.getElementById(id);

// node makes an element. What is no element in its children is text.
function node(tag, className, ...children) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  for (const c of children) e.append(c instanceof Node ? c : String(c ?? ""));
  return e;
}

// fill puts children into an element, if they are others than those that are there: what somebody has marked stays marked.
function fill(e, ...children) {
  const fresh = document.createElement(e.tagName);
  fresh.append(...children.map((c) => (c instanceof Node ? c : String(c ?? ""))));
  if (fresh.innerHTML !== e.innerHTML) e.replaceChildren(...fresh.childNodes);
}

const thousands = new Intl.NumberFormat("en-US");
const number = (n) => thousands.format(n || 0);
const rate = (n) => (n > 0 ? (n / 1e6).toFixed(1) : "");
const some = (n) => (n > 0 ? number(n) : "");

const counted = (n, what) => number(n) + " " + what + (n === 1 ? "" : "s");

function size(n) {
  if (!n) return "";
  for (const [unit, s] of [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) if (n >= unit) return (n / unit).toFixed(1) + " " + s;
  return n + " B";
}

function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return s + "s";
  if (s < 3600) return Math.floor(s / 60) + "m" + String(s % 60).padStart(2, "0") + "s";
  if (s < 48 * 3600) return Math.floor(s / 3600) + "h" + String(Math.floor(s / 60) % 60).padStart(2, "0") + "m";
  return Math.floor(s / 86400) + " days";
}

function moment(text) {
  const t = new Date(text);
  if (!text || isNaN(t)) return "";
  const two = (n) => String(n).padStart(2, "0");
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

const cell = (text, className) => node("td", className, text);
const count = (n) => cell(some(n), "n");
const row = (...cells) => node("tr", "", ...cells);
const head = (text, className) => {
  const th = node("th", className, text);
  th.scope = "row";
  return th;
};
const nothing = (columns, text) => {
  const td = cell(text, "none");
  td.colSpan = columns;
  return row(td);
};
const badge = (text, kind) => node("span", "badge " + kind, text);

// ---- what is known

let settings = {};
let now = null; // the last picture
let ahead = 0; // of this clock: that of the server, in milliseconds
let since = Date.now(); // of the state of the connection
let connected = false;
const clock = () => Date.now() + ahead;

// ---- lists

// list shows a list in pages. A page that cannot be had is asked for again with the next edition, or when somebody turns it.
function list(name, rows, pager, columns, draw, empty) {
  const l = { offset: 0, total: 0, edition: null, asking: false, shown: [] };
  const said = node("span", "muted");
  const back = node("button", "", "Newer");
  const on = node("button", "", "Older");
  back.type = on.type = "button";
  $(pager).append(back, on, said);
  l.draw = () => fill($(rows), ...(l.shown.length ? l.shown.map(draw) : [nothing(columns, l.trouble || empty())]));
  l.load = async (edition) => {
    if (l.asking) return;
    l.asking = true;
    try {
      const answer = await fetch(`/live/${name}?offset=${l.offset}&limit=${pageRows}`, { cache: "no-store" });
      if (!answer.ok) throw new Error((await answer.text()).trim());
      const page = await answer.json();
      l.shown = page.rows;
      l.total = page.total;
      l.edition = edition;
      l.trouble = "";
    } catch (e) {
      l.trouble = connected ? "not to be had now: " + e.message : "";
    }
    l.asking = false;
    if (l.offset > 0 && l.offset >= l.total) l.offset = 0;
    $(pager).hidden = l.total <= pageRows;
    back.disabled = l.offset === 0;
    on.disabled = l.offset + pageRows >= l.total;
    said.textContent = `${number(l.offset + 1)} to ${number(Math.min(l.offset + pageRows, l.total))} of ${number(l.total)}`;
    l.draw();
  };
  const turn = (by) => {
    l.offset = Math.max(0, l.offset + by);
    l.load(now?.edition);
  };
  back.addEventListener("click", () => turn(-pageRows));
  on.addEventListener("click", () => turn(pageRows));
  return l;
}

const versions = list("versions", "version-rows", "version-pager", 12, drawVersion, () => "no version yet");
const ended = list("ended", "ended-rows", "ended-pager", 7, drawEnded, () => "none has ended in the last 90 days");
const dead = list("dead", "dead-rows", "dead-pager", 6, drawDead, () => "none");
const workers = list("workers", "worker-rows", "worker-pager", 7, drawWorker, () => "no worker: start millrace worker");
$("worker-pager").querySelectorAll("button").forEach((b, i) => (b.textContent = ["Back", "Next"][i]));

function drawVersion(v) {
  const d = v.documents;
  let name = head(v.version, "n");
  if (settings.report && v.live) {
    const a = node("a", "", v.version);
    a.href = "/report/" + Number(v.version);
    name = head("", "n");
    name.append(a);
  }
  return row(name, cell(moment(v.committed), "nowrap"), cell(v.kind || "run"), cell(v.date || v.run, "text"), count(d.read), count(d.kept),
    count(d.duplicates), count(d.filtered), count(d.rejected), cell(size(v.input_bytes), "n"), cell(size(v.bytes), "n"), cell(v.note, "text"));
}

const endings = { committed: "ok", failed: "bad", cancelled: "warn" };

function drawEnded(r) {
  const took = (new Date(r.ended) - new Date(r.started)) / 1000;
  return row(head(r.id, "text"), cell(r.kind || "run"), cell(r.date), cell(moment(r.ended), "nowrap"), cell(r.started ? duration(took) : "", "n"),
    cell(badge(r.state, endings[r.state] || "idle")), cell(r.error || r.what, "text"));
}

function drawDead(d) {
  return row(cell(d.run ? "run " + d.run : "version " + d.version), cell(node("bdi", "", d.source + "/" + d.path), "text"), cell(number(d.offset), "n"),
    cell(number(d.bytes), "n"), cell(d.reason + (d.dropped ? " (dropped)" : ""), "text"), cell(d.id, "text"));
}

const health = { lost: "bad", silent: "bad", refuses: "warn", stopping: "warn", working: "ok", idle: "idle" };
const says = { lost: "lost", silent: "not heard of", refuses: "refuses the run", stopping: "stopping", working: "working", idle: "idle" };

function drawWorker(w) {
  const heard = w.heard ? duration((clock() - new Date(w.heard)) / 1000) + " ago" : "";
  const name = head(w.id, "text");
  name.title = "process " + w.pid;
  const state = cell(badge(says[w.state] || w.state, health[w.state] || "idle"), "text");
  if (w.why) state.append(node("div", "muted", w.why));
  return row(name, cell(w.host), state, cell(heard, "nowrap"), cell(number(w.slots), "n"), cell(rate(w.bytes_per_second), "n"),
    cell(w.stages.join(", "), "text"));
}

// ---- the picture

const underWay = { planning: "is being planned", running: "is running", paused: "is paused", committing: "is being committed" };

function drawNow() {
  const p = now;
  const r = p.run;
  $("corpus").textContent = p.corpus;
  document.title = (r.under_way ? r.state + " · " : "") + p.corpus + " · millrace";
  const phase = [];
  if (!r.id && !r.state) phase.push("No run yet.");
  else {
    const what = (r.kind && r.kind !== "ingest" ? r.kind + " " : "run ") + r.id;
    if (r.under_way) phase.push(what + " " + (underWay[r.state] || r.state), r.started ? ", for " + duration((clock() - new Date(r.started)) / 1000) : "", ".");
    else phase.push(what + ": " + r.state, r.ended ? ", " + moment(r.ended) : "", ".");
    if (r.date) phase.push(" Date " + r.date + ".");
  }
  fill($("phase"), node("strong", "", phase.join("")));
  $("whole").hidden = !(r.under_way && p.per_mille);
  fill($("whole"), bar(p.per_mille));
  const notes = [];
  const note = (kind, text) => notes.push(node("p", "note " + kind, text));
  if (p.planning) note("", p.planning);
  for (const text of p.notes ?? []) note("", text);
  if (r.error) note("bad", r.error);
  if (r.hint) note("", r.hint);
  if (p.coordinator && !p.coordinator.leading) note("bad", p.coordinator.id ? `No coordinator leads: ${p.coordinator.id} is silent.` : "No coordinator leads.");
  if (p.unmanned?.length) note("warn", "No worker does " + p.unmanned.join(", ") + ": the run waits for one.");
  if (p.waiting.length) note("", "Waiting for their turn: " + p.waiting.join(", "));
  fill($("notes"), ...notes);
  const d = p.documents;
  const card = (label, value, more) => value !== "" && node("li", "card", node("span", "value", value), node("span", "label", label), ...(more ? [node("span", "more", more)] : []));
  const states = p.crew.states;
  const bad = (states.lost || 0) + (states.silent || 0);
  fill($("cards"), ...[
    card("left", r.under_way && p.eta_seconds ? duration(p.eta_seconds) : "", "at the rate so far"),
    card("documents read", some(d.read)),
    card("kept", some(d.kept)),
    card("duplicates", some(d.duplicates)),
    card("filtered", some(d.filtered)),
    card("rejected", some(d.rejected)),
    card("of input", size(p.input_bytes)),
    card(p.crew.total === 1 ? "worker" : "workers", number(p.crew.total), counted(p.crew.slots, "slot") + (bad ? ", " + number(bad) + " not heard of" : "")),
    card("dead letters of the run", some(p.dead)),
    card("newest version", some(p.newest)),
  ].filter(Boolean));
}

function bar(perMille) {
  const percent = Math.max(0, Math.min(100, Math.floor((perMille || 0) / 10)));
  const b = node("div", "bar", node("span", "w" + percent));
  b.setAttribute("role", "img");
  b.setAttribute("aria-label", percent + " %");
  b.title = percent + " %";
  return b;
}

function drawStages() {
  const rows = now.stages.map((s) => {
    const slots = s.slots || now.process ? number(s.slots) : "none";
    return row(head(s.name), cell(bar(s.per_mille)), count(s.done), count(s.total), count(s.waiting), count(s.working), cell(slots, "n"),
      cell(rate(s.bytes_per_second), "n"), count(s.documents_per_second), cell(s.eta_seconds ? duration(s.eta_seconds) : "", "n"));
  });
  fill($("stage-rows"), ...(rows.length ? rows : [nothing(10, now.run.under_way ? "no stage has begun" : "no run is under way")]));
}

function drawWorkers() {
  const c = now.crew;
  const parts = Object.keys(says).filter((s) => c.states[s]).map((s) => badge(number(c.states[s]) + " " + says[s], health[s]));
  fill($("worker-counts"), `${number(c.total)} with ${counted(c.slots, "slot")} at work or free `, ...parts.flatMap((b) => [b, " "]));
  const total = Object.values(c.states).reduce((a, b) => a + b, 0);
  if (workers.offset === 0) {
    workers.shown = c.first;
    workers.total = total;
    $("worker-pager").hidden = total <= pageRows;
    const [back, on] = $("worker-pager").querySelectorAll("button");
    back.disabled = true;
    on.disabled = total <= pageRows;
    $("worker-pager").querySelector("span").textContent = `1 to ${number(Math.min(pageRows, total))} of ${number(total)}`;
  }
  workers.draw();
}

function drawSchedule() {
  const s = now.schedule;
  part("schedule", Boolean(s));
  if (!s) return;
  fill($("cron"), node("code", "", s.cron), " in " + (s.zone || "UTC"));
  fill($("instants"), ...s.next.map((t) => node("li", "", t.replace("T", " "), node("span", "muted", " in " + duration((new Date(t) - clock()) / 1000)))));
}

function part(name, there) {
  document.querySelectorAll(`[data-part="${name}"]`).forEach((e) => (e.hidden = !there));
}

function draw() {
  drawNow();
  drawStages();
  drawWorkers();
  drawSchedule();
  $("dead-now").textContent = now.dead > 0 ? `${number(now.dead)} of the run under way were given up; the versions' are below with the first of them.` : "";
  const runs = now.run.under_way ? now.dead_letters : [];
  // Those of the run under way come with the picture, those of versions are a list.
  dead.draw = () => {
    const rows = [...(dead.offset === 0 ? runs : []), ...dead.shown];
    fill($("dead-rows"), ...(rows.length ? rows.map(drawDead) : [nothing(6, dead.trouble || "none")]));
  };
  dead.draw();
  for (const [l, there] of [[versions, settings.versions], [ended, settings.ended], [dead, settings.dead]]) {
    if (there && l.edition !== now.edition) l.load(now.edition);
  }
}

// ---- the connection

function state(up, text) {
  if (up !== connected) since = Date.now();
  connected = up;
  const e = $("connection");
  const said = up ? "live" : `no connection since ${moment(since)}`;
  if (e.textContent !== said) e.textContent = said;
  e.className = "badge " + (up ? "ok" : "bad");
  if (text !== undefined) fill($("trouble"), ...(text ? [node("p", "note bad", text)] : []));
}

let source = null;

function connect() {
  source?.close();
  source = new EventSource("/events");
  source.addEventListener("picture", (e) => {
    const { now: at, is } = JSON.parse(e.data);
    ahead = at - Date.now();
    now = is;
    state(true, "");
    draw();
  });
  source.addEventListener("trouble", (e) => {
    const { is } = JSON.parse(e.data);
    state(true, is.error);
  });
  source.addEventListener("open", () => state(true));
  source.addEventListener("error", () => {
    state(false);
    // An answer that is no stream of events ends it for good: of as many browsers as can be, say.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
  });
}

// ---- control

async function act(what) {
  const id = what === "retry" ? $("letter").value.trim() : what === "start" ? "" : now?.run.id ?? "";
  const answer = $("answer");
  answer.textContent = "…";
  try {
    const r = await fetch("/live/control", {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: "Bearer " + $("token").value.trim() },
      body: JSON.stringify({ do: what, id }),
    });
    const text = await r.text();
    answer.textContent = r.ok ? JSON.parse(text).done : text.trim();
    answer.className = r.ok ? "note ok" : "note bad";
    if (r.ok && what === "retry") dead.edition = null;
  } catch {
    answer.textContent = "there is no connection";
    answer.className = "note bad";
  }
}

document.querySelectorAll("[data-do]").forEach((b) => b.addEventListener("click", () => act(b.dataset.do)));

async function begin() {
  try {
    const answer = await fetch("/live/settings", { cache: "no-store" });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    settings = await answer.json();
    for (const name of ["versions", "ended", "control", "report"]) part(name, Boolean(settings[name]));
    connect();
  } catch (e) {
    state(false, e.message);
    setTimeout(begin, 3000);
  }
}

// What is told by the clock goes on without events.
setInterval(() => {
  if (now && connected) {
    drawNow();
    workers.draw();
    drawSchedule();
  }
  if (workers.offset > 0 && connected && Date.now() - (workers.asked || 0) > listEvery) {
    workers.asked = Date.now();
    workers.load(null);
  }
}, 1000);

begin();
