// The beginning: builds the parts, lays the views into the page, and tells them when something has changed.
//
//   connection → session → sync, outbox, drafts, people, groups → store → views

import { Connection } from "./connection.js";
import { el, show } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Groups } from "./groups.js";
import { Notify } from "./notify.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { openConversation } from "./route.js";
import { Session } from "./session.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { Banner } from "./views/banner.js";
import { Entry } from "./views/entry.js";
import { Sidebar } from "./views/sidebar.js";
import { Talk } from "./views/talk.js";

function build() {
  const store = new Store();
  const connection = new Connection(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  const session = new Session(connection);
  // Before all others: the store knows who I am when they hear of it.
  session.on("ready", () => (store.me = session.me));
  const sync = new Sync(connection, store);
  const outbox = new Outbox(session, connection, sync, store);
  const drafts = new Drafts(session, store);
  const people = new People(session, connection, store);
  const groups = new Groups(session, connection, sync, store);
  const notify = new Notify(store, sync, groups, document.getElementById("announcer"));
  return { store, connection, session, sync, outbox, drafts, people, groups, notify };
}

function start() {
  const app = build();
  const { session, store } = app;
  const entry = new Entry(app);
  const banner = new Banner(app);
  let sidebar, talk, shell;

  const leave = (why) => {
    if (why === "left") history.replaceState(null, "", location.pathname); // whoever comes next goes where they want
    shell?.remove();
    shell = null;
    store.clear();
    show(entry.node, true);
    entry.begin();
  };
  const enter = () => {
    if (shell) return store.changed();
    app.drafts.load();
    sidebar = new Sidebar(app);
    talk = new Talk(app, (name) => sidebar.find(name));
    shell = el("main", { class: "shell" }, sidebar.node, talk.node);
    document.getElementById("app").append(shell);
    show(entry.node, false);
    draw();
  };
  const draw = () => {
    if (!shell) return;
    const open = openConversation();
    shell.classList.toggle("talking", open !== null);
    talk.open(open);
    talk.update();
    sidebar.update();
  };

  document.getElementById("app").replaceChildren(banner.node, entry.node);
  store.on("change", draw);
  session.on("ready", enter);
  session.on("over", leave);
  addEventListener("hashchange", draw);
  if (session.name === null) return entry.begin();
  store.me = { name: session.name, display: "" }; // until the server says more
  enter();
  session.resume();
}

start();
