// Keeps what is typed in a form in the browser until it is saved, for the time after a crash, a closed
// tab or a lost session. Asks before a page with changes is left.
"use strict";
{
  const PREFIX = "typed:";
  const WAIT = 800; // milliseconds without a change, before it is kept
  const DAYS = 14;
  const MOST = 20; // copies, of at most so many characters each
  const LARGEST = 1_000_000;
  // Fields of a form that are not typed.
  const NOT_TYPED = /^(csrfmiddlewaretoken|typed_id|_restored)$/;
  const NOT_COMPARED = /^(version_seen|began_with|version_note|is_correction|.*-(FOLDED|(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS))$/;

  const storage = (() => {
    try {
      return window.localStorage;
    } catch {
      return null; // a browser that keeps nothing
    }
  })();
  const keys = () => Object.keys(storage ?? {}).filter((key) => key.startsWith(PREFIX));
  const read = (key) => {
    try {
      return JSON.parse(storage.getItem(key));
    } catch {
      return null;
    }
  };

  // Deletes what the server reports as saved, what is old, and the oldest if there are too many.
  function tidy() {
    for (const [, id] of document.cookie.matchAll(/(?:^|; )typed-([a-z0-9]+)=/g)) {
      keys().filter((key) => key.endsWith(`|${id}`)).forEach((key) => storage.removeItem(key));
      document.cookie = `typed-${id}=; path=/admin/; max-age=0; samesite=lax`;
    }
    const oldest = Date.now() - DAYS * 24 * 60 * 60 * 1000;
    const dated = keys().map((key) => [Number(read(key)?.at ?? 0), key]).sort((a, b) => b[0] - a[0]);
    dated.filter(([at], place) => at < oldest || place >= MOST).forEach(([, key]) => storage.removeItem(key));
  }

  const entriesOf = (form) => [...new FormData(form)]
    .filter(([name]) => !NOT_TYPED.test(name) && !name.includes("__prefix__"));

  // A blank row with its initial values is not a change.
  function comparable(form, entries) {
    const isBlank = (name, value) => /-\d+-/.test(name)
      && form.elements[name.replace(/-\d+-/, "-__prefix__-")]?.value === value;
    return entries
      .map(([name, value]) => [name, value instanceof File ? value.name : value.replaceAll("\r\n", "\n")])
      .filter(([name, value]) => value && !NOT_COMPARED.test(name) && !isBlank(name, value))
      .map((entry) => JSON.stringify(entry));
  }

  const isSame = (some, others) => [...some].sort().join() === [...others].sort().join();

  function follow(form) {
    const isKept = storage && form.dataset.typed;
    const user = document.getElementById("session")?.dataset.user;
    const id = Date.now().toString(36) + Math.random().toString(36).slice(2, 10);
    const place = `${PREFIX}${user}:${location.pathname}|`;
    const isSent = document.querySelector(".errornote, .held, [data-unsaved]") !== null;
    const now = () => comparable(form, entriesOf(form));
    const start = now();
    const isChanged = () => isSent || !isSame(now(), start);
    let isLeaving = false;
    let timer;

    // Rows that were folded are no change when they are fetched.
    document.addEventListener("rows:fetched", ({ target }) => {
      const isFetched = ([name]) => target.querySelector(`[name="${CSS.escape(name)}"]`) !== null;
      start.push(...comparable(form, entriesOf(form).filter(isFetched)));
    });

    function keep() {
      clearTimeout(timer);
      if (!isKept) return;
      if (!isChanged()) {
        storage.removeItem(place + id);
        return;
      }
      const entries = entriesOf(form).filter(([, value]) => typeof value === "string");
      const text = JSON.stringify({ at: Date.now(), entries });
      if (text.length > LARGEST) return;
      try {
        storage.setItem(place + id, text);
      } catch {
        const oldest = keys().sort((a, b) => read(a)?.at - read(b)?.at)[0];
        if (oldest) storage.removeItem(oldest); // full: the next change tries again
      }
    }

    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(keep, WAIT);
    };
    // Django's calendar and “Today” send no event, so any click or key may be a change.
    const happenings = ["input", "change", "click", "keyup", "drop", "formset:added", "formset:removed"];
    happenings.forEach((name) => document.addEventListener(name, later, true));
    document.addEventListener("visibilitychange", keep);
    window.addEventListener("pagehide", keep);
    // A preview opens in a new window and saves nothing.
    form.addEventListener("submit", (event) => (isLeaving = event.submitter?.formTarget !== "_blank"));
    window.addEventListener("beforeunload", (event) => {
      if (!isLeaving && isChanged()) event.preventDefault();
    });
    if (!isKept) return;

    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "typed_id", value: id }));
    const restored = sessionStorage.getItem("typed-restored");
    sessionStorage.removeItem("typed-restored");
    if (isSent) {
      keep();
      if (restored) storage.removeItem(restored);
      return;
    }
    offer();

    function offer() {
      const kept = keys().filter((key) => key.startsWith(place) && key !== place + id)
        .map((key) => [key, read(key)])
        .filter(([key, copy]) => {
          if (copy?.entries && !isSame(comparable(form, copy.entries), start)) return true;
          storage.removeItem(key); // it says what is saved
          return false;
        })
        .sort(([, a], [, b]) => b.at - a.at);
      if (!kept.length) return;
      const [key, { at, entries }] = kept[0];
      const moment = new Date(at);
      const { lang } = document.documentElement;
      const language = lang === "en" ? "en-GB" : lang;
      const time = moment.toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
      const hour = moment.toLocaleTimeString(language, { timeStyle: "short" });
      const note = document.createElement("div");
      note.className = "typed-offer";
      const text = document.createElement("p");
      text.textContent = form.dataset.typed.replace("{time}", time);
      const button = (label, act) => {
        const element = Object.assign(document.createElement("button"), { type: "button", className: "button" });
        element.textContent = label;
        element.addEventListener("click", act);
        return element;
      };
      note.append(
        text,
        button(form.dataset.typedRestore.replace("{hour}", hour), () => restore(key, entries)),
        button(form.dataset.typedDiscard, () => {
          kept.forEach(([each]) => storage.removeItem(each));
          note.remove();
        }),
      );
      form.querySelector(".form-notes").append(note);
    }

    // The server shows the form again with what was typed, as after an error.
    function restore(key, entries) {
      const copy = document.createElement("form");
      copy.method = "post";
      copy.action = location.href;
      copy.hidden = true;
      const token = form.elements.csrfmiddlewaretoken.value;
      for (const [name, value] of [...entries, ["_restored", "1"], ["csrfmiddlewaretoken", token]]) {
        const input = document.createElement("textarea"); // which keeps the ends of lines
        input.name = name;
        input.value = value;
        copy.append(input);
      }
      document.getElementById("content").append(copy);
      sessionStorage.setItem("typed-restored", key);
      isLeaving = true;
      copy.requestSubmit();
    }
  }

  if (storage) tidy();
  // After the tabs, the autocompletes and the order of the rows are made.
  window.addEventListener("load", () => {
    const form = document.querySelector(".change-form #content-main > form");
    if (form) setTimeout(() => follow(form));
  });
}
