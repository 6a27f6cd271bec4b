// What the page does. All markup comes escaped from the server; text from people or documents only ever meets textContent.
// Runs as the body of a function that Gradio calls with `element` and `props`.

const KEPT = "kutip.conversation";
const LANGUAGE = "kutip.language";
const TURNS_KEPT = 100;
const MANY = 10; // articles from which on a list is searched rather than read
const TURNS_TOLD = 10; // earlier turns that a follow-up may lean on
const narrow = matchMedia("(max-width: 60rem)");

let words, visit = 0, asked = 0, wishes = 0, followed = null, translation = "";
const writing = new Map(); // by a turn's id, what ends it, with markup that then stands
const ticked = new Set(); // ids of the articles to ask in
let unread = []; // receipts of an earlier visit that the server has not yet checked
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const turns = () => [...part("turns").children];
const receipt = (turn) => JSON.parse(turn.dataset.receipt);
const kept = () => turns().filter((turn) => turn.dataset.receipt);
const sound = () => kept().filter((turn) => !turn.matches(".refused"));
// A tab goes on with its own conversation, a new one with the last of any.
const stored = (name) => { try { return sessionStorage.getItem(name) ?? localStorage.getItem(name); } catch { return null; } };
const store = (name, value) => {
  try { for (const place of [sessionStorage, localStorage]) place.setItem(name, value); } catch { /* kept for this visit only */ }
};
const say = (text) => { part("live").textContent = text; };
const tell = (text, wrong = false) =>
  Object.assign(part("status"), { textContent: text, hidden: !text, className: wrong ? "status wrong" : "status" });

const endpoint = (path) => new URL(`gradio_api/${path}`, document.baseURI);

async function post(path, data) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ data }) };
  const response = await fetch(endpoint(path), options).catch(() => { throw new Error(words.lost); });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || words.failed);
  return answer;
}

const call = async (name, ...data) => (await post(`run/${name}`, data)).data[0];

// Each value a generator yields goes to `show`; resolves when it is done, or when what `halted` is given is called.
async function stream(name, data, show, halted) {
  const { event_id: event } = await post(`call/${name}`, data);
  await new Promise((resolve, reject) => {
    const source = new EventSource(endpoint(`call/${name}/${event}`));
    const end = (settle, value) => { source.close(); settle(value); };
    halted(() => end(resolve));
    source.addEventListener("generating", (message) => show(JSON.parse(message.data)[0]));
    source.addEventListener("complete", () => end(resolve));
    source.addEventListener("error", (message) => end(reject, new Error(message.data === undefined ? words.lost : words.failed)));
  });
}

// --- conversation

function keep() {
  const receipts = kept().map(receipt);
  store(KEPT, JSON.stringify([...unread, ...receipts].slice(-TURNS_KEPT)));
  part("welcome").hidden = turns().length > 0;
  part("tools").hidden = kept().length === 0;
}

function replace(turn, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const next = holder.content.firstElementChild;
  localise(next);
  turn.replaceWith(next);
  return next;
}

// The quotes of the turn before, on which a follow-up may lean, are there (or it ended without).
let before = Promise.resolve();

async function ask(question) {
  const key = `turn-${Date.now()}-${++asked}`;
  const previous = before;
  let quoted;
  before = new Promise((resolve) => { quoted = resolve; });
  let turn = part("pending").content.firstElementChild.cloneNode(true);
  turn.id = key;
  turn.querySelector(".question bdi").textContent = question;
  part("turns").append(turn);
  part("welcome").hidden = true;
  turn.scrollIntoView({ block: "start" });
  say(turn.dataset.say);
  let revealed = false;
  const reveal = async () => {
    const first = turn.querySelector(".evidence li");
    const reading = narrow.matches || part("source").contains(document.activeElement);
    if (revealed) turn.querySelector(".marker")?.setAttribute("aria-current", "true");
    if (reading || revealed) return;
    revealed = Boolean(first);
    await (first ? follow(turn, first.dataset.number, { move: false }) : rest());
  };
  const show = (html) => {
    if (!turn.isConnected) return;
    const { say: said, receipt: had } = turn.dataset;
    turn = replace(turn, html);
    if (turn.dataset.say !== said) say(turn.dataset.say);
    if (turn.dataset.receipt && !had) { keep(); quoted(); }
    if (turn.matches(".pending") && turn.querySelector(".evidence")) reveal().catch(() => { /* it is tried again at the end */ });
  };
  try {
    await previous;
    if (!turn.isConnected) return; // the conversation was left meanwhile
    const earlier = [...unread, ...sound().map(receipt)].slice(-TURNS_TOLD);
    const history = earlier.map((answer) => [String(answer?.question), String(answer?.text)]);
    await stream("ask", [question, history, [...ticked], key, words.language], show, (end) => writing.set(key, (html) => {
      end();
      if (html) show(html);
    }));
  } catch (error) {
    turn.querySelector(".stage").textContent = error.message;
    turn.querySelector('[data-do="halt"]')?.remove();
    turn.classList.replace("pending", "refused");
    say(error.message);
  } finally {
    writing.delete(key);
    quoted();
  }
  if (!turn.isConnected) return;
  keep();
  const { top } = turn.getBoundingClientRect();
  if (turn === turns().at(-1) && top >= 0 && top < innerHeight) turn.scrollIntoView({ block: "start" });
  await reveal();
}

function leave() {
  for (const end of writing.values()) end();
}

function saved() {
  try {
    const receipts = JSON.parse(stored(KEPT));
    return Array.isArray(receipts) ? receipts : [];
  } catch { return []; }
}

async function restore() {
  if (!unread.length) return;
  const mine = visit;
  const html = await call("restore", unread, words.language);
  if (mine !== visit) return; // the page was begun anew meanwhile
  unread = [];
  const next = part("turns").firstChild; // what was asked meanwhile comes after
  for (const one of html) {
    const place = document.createElement("div");
    part("turns").insertBefore(place, next);
    replace(place, one);
  }
  keep();
  turns().at(-1).scrollIntoView({ block: "start" });
}

// --- source

async function follow(turn, number, { move = true } = {}) {
  const shown = await open(() => call("source", receipt(turn), Number(number), words.language), move);
  if (shown) turn.querySelector(`.marker[data-number="${number}"]`)?.setAttribute("aria-current", "true");
}

// False when something else was opened while this was on its way: the last wish counts, not the last to arrive.
async function open(load, move) {
  const wish = ++wishes;
  const from = move ? document.activeElement : null;
  const html = await load();
  if (wish !== wishes) return false;
  unmark();
  part("article").innerHTML = html;
  localise(part("article"));
  part("library").hidden = true;
  part("article").hidden = false;
  if (translation) translate(translation);
  if (from) {
    if (!part("source").contains(from)) followed = from;
    overlay(true);
  }
  part("article").querySelector(".return").hidden = !followed;
  const mark = passage();
  centre(mark);
  if (from) (mark ?? part("article").querySelector("h2")).focus({ preventScroll: true });
  return true;
}

function unmark() {
  for (const marker of element.querySelectorAll(".marker[aria-current]")) marker.removeAttribute("aria-current");
}

const passage = () => part("article").querySelector("mark.active, mark.near");

// Only the pane scrolls, never the page under it.
function centre(mark) {
  const pane = part("source");
  const top = mark ? mark.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop : 0;
  pane.scrollTo({ top: Math.max(0, top - pane.clientHeight / 3), behavior: "instant" });
}

function browse() {
  ++wishes;
  part("article").hidden = true;
  part("library").hidden = false;
  part("source").scrollTo(0, 0);
  unmark();
}

// What the pane shows when nothing is cited: the article where there is but one, else the list.
async function rest() {
  const [only, ...others] = part("list").querySelectorAll('[data-do="open"]');
  if (!only || others.length || part("find").value) return browse();
  await open(() => call("article", only.dataset.document, words.language), false);
}

// On a narrow screen the source lies over the conversation.
function overlay(on) {
  part("source").classList.toggle("over", on);
  for (const under of element.querySelectorAll(".conversation, .top, .skip")) under.inert = on && narrow.matches;
}

function back() {
  overlay(false);
  (followed?.isConnected ? followed : element.querySelector("textarea")).focus();
}

function translate(language) {
  translation = language;
  for (const one of part("article").querySelectorAll(".translation")) one.hidden = one.lang !== language;
  for (const one of part("article").querySelectorAll('[data-do="translate"]'))
    one.setAttribute("aria-pressed", String(one.dataset.language === language));
  part("article").classList.toggle("translated", Boolean(part("article").querySelector(".translation:not([hidden])")));
}

// --- the list of articles

function list(html) {
  part("list").innerHTML = html;
  localise(part("list"));
  for (const box of part("list").querySelectorAll("input")) box.checked = ticked.has(box.value);
}

let found = 0;

async function find(query) {
  const search = ++found;
  await new Promise((resolve) => setTimeout(resolve, 150)); // until the typing pauses
  if (search !== found) return;
  const html = await call("find", query, words.language);
  if (search === found) list(html);
}

async function refresh() {
  list(await call("find", part("find").value, words.language));
  const total = Number(part("list").querySelector(".library").dataset.total);
  part("find").hidden = total < MANY && !part("find").value;
}

// --- adding articles

let sending = null; // what stops the sending under way
let taken = Promise.resolve(); // the files given before are in

const take = (files) => (taken = taken.catch(() => { /* told where it was waited for */ }).then(() => send(files)));

async function send(files) {
  if (!files.length) return;
  sending = new AbortController();
  const tokens = [], refused = [];
  try {
    for (const [at, file] of files.entries()) {
      sent(file.name, at, files.length);
      const options = { method: "PUT", body: file, signal: sending.signal };
      const answer = await fetch(new URL(`upload/${encodeURIComponent(file.name)}`, document.baseURI), options);
      const { token, error } = await answer.json();
      token ? tokens.push(token) : refused.push(error);
    }
  } catch (error) {
    part("intake").replaceChildren();
    if (error.name === "AbortError") return;
    throw error instanceof TypeError ? new Error(words.lost) : error;
  } finally { sending = null; }
  if (tokens.length) await bring(tokens, []);
  else part("intake").replaceChildren();
  if (refused.length) throw new Error(refused.join("; "));
}

function sent(name, at, total) {
  const card = part("sending").content.firstElementChild.cloneNode(true);
  card.querySelector("bdi").textContent = name;
  Object.assign(card.querySelector("progress"), { max: total, value: at });
  part("intake").replaceChildren(card);
}

async function bring(tokens, addresses) {
  await call("add", tokens, addresses, words.language);
  await watch();
}

// Shows how far the adding is, until it is done; also after a reload.
async function watch() {
  for (let said = "";;) {
    const { running, html } = await call("progress", words.language);
    if (!sending) job(html);
    const now = part("intake").querySelector(".job")?.dataset.say ?? "";
    if (now !== said) say(now);
    said = now;
    if (!running) return refresh();
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

// Only what changed is drawn anew, or its button would be gone between press and release, and the focus on it lost.
function job(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const [now, next] = [part("intake"), holder.content].map((one) => one.querySelector(".foot"));
  const going = (foot) => foot?.querySelector('[data-do="stop"]');
  if (!going(now) || !going(next)) return part("intake").replaceChildren(holder.content);
  for (let old; (old = now.previousElementSibling);) old.remove();
  for (let one; (one = next.previousElementSibling);) now.parentElement.prepend(one);
  now.parentElement.dataset.say = next.parentElement.dataset.say;
  now.firstElementChild.replaceWith(next.firstElementChild);
}

function drop(event) {
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
  if (entries.some((entry) => entry?.isDirectory)) throw new Error(words.no_folder);
  return take([...event.dataTransfer.files]);
}

async function correct(form) {
  const wrong = form.querySelector(".wrong");
  const about = Object.fromEntries(new FormData(form));
  try {
    const id = form.dataset.document;
    await open(() => call("correct", id, about, words.language), false);
    await refresh();
    part("article").querySelector("h2").focus({ preventScroll: true });
  } catch (error) {
    wrong.textContent = error.message;
    wrong.hidden = false;
  }
}

function scope() {
  part("scope").textContent = ticked.size ? words.scope_some.replace("{count}", ticked.size) : words.scope_all;
  part("clear").hidden = !ticked.size;
}

// --- the card that shows a citation's words while its marker is pointed at

function card(marker) {
  const shown = part("card");
  shown.hidden = !marker;
  if (!marker) return;
  const cited = marker.closest(".turn").querySelector(`li[data-number="${marker.dataset.number}"]`);
  const lines = [cited.querySelector(".words"), cited.querySelector(".about")].map((one) => one.cloneNode(true));
  lines[0].removeAttribute("id");
  shown.replaceChildren(...lines);
  const at = marker.getBoundingClientRect();
  const [above, below] = [at.top, innerHeight - at.bottom].map((room) => room - 12);
  shown.style.maxHeight = `${Math.max(above, below)}px`;
  const height = shown.offsetHeight;
  shown.style.left = `${Math.min(Math.max(8, at.left - 24), innerWidth - shown.offsetWidth - 8)}px`;
  shown.style.top = `${height <= below ? at.bottom : at.top - Math.min(height, above)}px`;
}

// --- small things

function localise(root) {
  const names = new Intl.DisplayNames([words.language], { type: "language" });
  for (const one of root.querySelectorAll("[data-name-of]"))
    try { one.textContent = names.of(one.dataset.nameOf); } catch { /* not a language tag: left as it is */ }
  for (const one of root.querySelectorAll("time")) {
    const [, year, month, day] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(one.dateTime) ?? [];
    if (!month) continue;
    const form = { year: "numeric", month: "long", ...(day && { day: "numeric" }) };
    one.textContent = new Date(year, month - 1, day ?? 1).toLocaleDateString(words.language, form);
  }
}

function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function copy(button) {
  const done = await navigator.clipboard?.writeText(button.dataset.copy).then(() => true, () => false);
  button.textContent = done ? words.copied : words.not_copied;
  say(button.textContent);
  setTimeout(() => { button.textContent = words.copy_citation; }, 2000);
}

async function rate(turn, button, comment) {
  await call("rate", receipt(turn), button.dataset.helpful === "true", comment);
  for (const one of turn.querySelectorAll('[data-do="rate"]')) one.setAttribute("aria-pressed", String(one === button));
  say(words.kept);
}

async function view(name) {
  for (const one of element.querySelectorAll("[data-view]:not(button)")) one.hidden = one.dataset.view !== name;
  for (const one of element.querySelectorAll("button[data-view]"))
    one.dataset.view === name ? one.setAttribute("aria-current", "page") : one.removeAttribute("aria-current");
  if (name !== "evaluation") return;
  const report = await call("report");
  if (report) part("report").srcdoc = report;
  part("report").hidden = !report;
  part("no-report").hidden = Boolean(report);
}

const FORMS = { markdown: ["md", "text/markdown"], html: ["html", "text/html"], json: ["json", "application/json"] };

const actions = {
  stop: () => sending ? sending.abort() : call("stop"),
  dismiss: () => part("intake").replaceChildren(),
  details: () => {
    const form = part("article").querySelector(".details");
    form.hidden = !form.hidden;
    const button = part("article").querySelector('[data-do="details"]');
    button.setAttribute("aria-expanded", String(!form.hidden));
    (form.hidden ? button : form.elements.title).focus();
  },
  reindex: async (button) => {
    button.disabled = true;
    await open(() => call("reindex", button.dataset.document, words.language), false);
    say(words.reindexed);
    const done = part("article").querySelector('[data-do="reindex"]');
    done.textContent = words.reindexed;
    done.focus();
  },
  remove: async (button) => {
    const { document: id, sure } = button.dataset;
    if (!sure) {
      button.dataset.sure = Date.now();
      button.textContent = words.remove_sure;
      say(words.remove_sure);
      return;
    }
    if (Date.now() - sure < 600) return; // a double click is no second thought
    button.disabled = true;
    list(await call("remove", id, words.language));
    ticked.delete(id);
    scope();
    browse();
    await refresh();
    say(words.removed);
    part("files").focus();
  },
  show: (button, turn) => follow(turn, button.dataset.number),
  near: ({ dataset: { index } }, turn) => open(() => call("near", receipt(turn), Number(index), words.language), true),
  open: ({ dataset: { document: id } }) => open(() => call("article", id, words.language), true),
  copy,
  receipt: (_, turn) => download("kutip-receipt.json", "application/json", JSON.stringify(receipt(turn), null, 1)),
  rate: async (button, turn) => {
    await rate(turn, button, "");
    turn.querySelector(".comment").hidden = false;
  },
  halt: async (button, turn) => {
    button.disabled = true;
    const html = await call("halt", turn.id, words.language);
    if (html) writing.get(turn.id)?.(html);
  },
  gloss: async (button, turn) => {
    button.disabled = true;
    try { replace(turn, await call("translate", receipt(turn), turn.id, words.language)); } finally { button.disabled = false; }
    keep();
  },
  example: (button) => ask(button.textContent),
  export: async ({ dataset: { form } }) => {
    const [suffix, type] = FORMS[form];
    download(`kutip-conversation.${suffix}`, type, await call("export", kept().map(receipt), form));
  },
  new: () => { leave(); part("turns").replaceChildren(); keep(); element.querySelector("textarea").focus(); return rest(); },
  library: async () => {
    await view("chat");
    if (narrow.matches) { followed = document.activeElement; overlay(true); }
    browse();
  },
  return: back,
  clear: () => {
    ticked.clear();
    for (const box of part("list").querySelectorAll("input")) box.checked = false;
    scope();
    element.querySelector("textarea").focus();
  },
  translate: ({ dataset: { language } }) => {
    translate(translation === language ? "" : language);
    centre(passage());
  },
  language: ({ dataset: { language } }) => {
    const asking = [...element.querySelectorAll(".turn.pending .question bdi")].map((question) => question.textContent);
    store(LANGUAGE, language);
    leave();
    begin(language);
    element.querySelector(`[data-do="language"][data-language="${language}"]`).focus();
    for (const question of asking) attempt(() => ask(question));
  },
  view: ({ dataset: { view: name } }) => view(name),
};

function attempt(action) {
  Promise.resolve().then(action).then(() => { if (part("status").matches(".wrong")) tell(""); }, (error) => {
    tell(error.message, true);
    say(error.message);
  });
}

// A turn under way is drawn anew with every sentence: between press and release its button may be gone.
element.addEventListener("pointerdown", ({ target }) => {
  const button = target.closest('[data-do="halt"]');
  if (button) attempt(() => actions.halt(button, button.closest(".turn")));
});
element.addEventListener("click", (event) => {
  const marker = event.target.closest(".marker");
  const button = event.target.closest("button[data-do]");
  if (marker) {
    event.preventDefault();
    card(null);
    attempt(() => follow(marker.closest(".turn"), marker.dataset.number));
  } else if (button) attempt(() => actions[button.dataset.do](button, button.closest(".turn")));
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.do === "comment") {
    const turn = form.closest(".turn");
    const chosen = turn.querySelector('[data-do="rate"][aria-pressed="true"]');
    attempt(() => rate(turn, chosen, form.elements.comment.value).then(() => form.replaceChildren(words.kept)));
    return;
  }
  if (form.dataset.do === "correct") return attempt(() => correct(form));
  if (form.dataset.do === "fetch") return attempt(() => bring([], [form.elements.address.value]).then(() => form.reset()));
  const box = form.querySelector("textarea");
  if (!box.value.trim()) return;
  const question = box.value;
  box.value = "";
  grow(box);
  attempt(() => ask(question));
});

const grow = (box) => { box.style.height = "auto"; box.style.height = `${box.scrollHeight}px`; };
element.addEventListener("input", ({ target }) => {
  if (target.matches("textarea")) grow(target);
  if (target === part("find")) attempt(() => find(target.value));
});
element.addEventListener("change", ({ target }) => {
  if (target === part("files")) {
    const files = [...target.files];
    target.value = "";
    attempt(() => take(files));
  }
  if (!target.matches(".library input")) return;
  target.checked ? ticked.add(target.value) : ticked.delete(target.value);
  scope();
});
// Safari sends the key that ends a composition after its end.
const composing = (event) => event.isComposing || event.keyCode === 229;
element.addEventListener("keydown", (event) => {
  // Enter that picks a candidate of an input method is not the end of the question.
  if (event.target.matches("textarea") && event.key === "Enter" && !event.shiftKey && !composing(event)) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  if (event.key !== "Escape" || composing(event)) return;
  if (!part("card").hidden) card(null);
  else if (part("source").contains(event.target)) back();
});
// Files may be dropped anywhere on the library; elsewhere a drop must not lead the browser away from the page.
for (const kind of ["dragover", "dragleave", "drop"])
  element.addEventListener(kind, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    const over = part("library").contains(event.target);
    if (kind !== "dragleave") event.preventDefault();
    part("drop").classList.toggle("dropping", over && kind === "dragover");
    if (kind === "drop" && over) attempt(() => drop(event));
  });
element.addEventListener("wheel", ({ target }) => { if (!target.closest(".card")) card(null); }, { passive: true });
narrow.addEventListener("change", () => overlay(false));
// The card is for mouse and keyboard; a finger goes straight to the article.
element.addEventListener("focusin", (event) => card(event.target.closest(".marker:focus-visible")));
element.addEventListener("pointerover", ({ pointerType, target }) => {
  if (pointerType === "touch" || target.closest(".card")) return;
  card(target.closest(".marker") ?? element.querySelector(".marker:focus-visible"));
});

async function warm() {
  const mine = visit;
  for (;;) {
    const { state, text, library } = await call("status", words.language);
    if (mine !== visit) return;
    tell(text);
    if (state === "warming") { await new Promise((resolve) => setTimeout(resolve, 500)); continue; }
    if (state === "failed") throw new Error(text);
    list(library);
    attempt(watch);
    part("find").hidden = Number(part("list").querySelector(".library").dataset.total) < MANY;
    await restore();
    if (!turns().length && part("article").hidden) await rest();
    return;
  }
}

function begin(language) {
  ++visit;
  const ended = words ? kept().filter((turn) => !turn.matches(".pending")) : []; // what is under way is asked again
  unread = words ? [...unread, ...ended.map(receipt)] : saved();
  const draft = words ? element.querySelector("textarea").value : "";
  element.innerHTML = props.shells[language];
  words = JSON.parse(element.firstElementChild.dataset.words);
  document.documentElement.lang = language;
  followed = null;
  element.querySelector("textarea").value = draft;
  scope();
  attempt(warm);
}

begin(stored(LANGUAGE) ?? (/^(id|in)\b/.test(navigator.language) ? "id" : "en"));
