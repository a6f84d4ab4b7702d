// The window about oneself: display name, password, notifications, signing out.

import { el, show } from "../dom.js";
import { passwordAdvice } from "../words.js";
import { confirmed, openDialog } from "./dialog.js";
import { field, form, passwordField } from "./form.js";

export function openAccount(app) {
  const { session, notify } = app;
  const dialog = openDialog("Your account",
    el("section", {}, el("h3", {}, "Profile"), profileForm(app)),
    el("section", {}, el("h3", {}, "Notifications"), notifications(notify)),
    el("section", {}, el("h3", {}, "Password"), passwordForm(app)),
    el("section", { class: "buttons" },
      el("button", { type: "button", onclick: () => leave(false) }, "Sign out"),
      el("button", { type: "button", class: "danger", onclick: () => leave(true) }, "Sign out everywhere")),
    el("p", { class: "hint" }, session.state === "ready" ? `Connected to ${session.server.node}, ${session.server.server}.` : "Not connected."));
  const leave = async (all) => {
    if (all && !(await confirmed("Sign out everywhere?", "All your devices and browsers will have to sign in again.", "Sign out"))) return;
    dialog.close();
    await session.signOut(all);
  };
}

function profileForm({ connection, session, store }) {
  const display = field("Display name", { name: "display", maxlength: 64, value: session.me.display, autocomplete: "nickname" },
    `People who have you as a contact see it beside your name, @${session.me.name}.`);
  const saved = el("p", { class: "notice", role: "status", hidden: true }, "Saved.");
  return form([display, saved], "Save", async () => {
    show(saved, false);
    const reply = await connection.request("profile", { display: display.input.value.trim() });
    session.me.display = reply.display;
    show(saved, true);
    store.changed();
  });
}

function passwordForm({ connection }) {
  const old = passwordField("Present password", { name: "old", autocomplete: "current-password" });
  const fresh = passwordField("New password", { name: "new", autocomplete: "new-password" }, passwordAdvice);
  const changed = el("p", { class: "notice", role: "status", hidden: true }, "Changed. Your other devices were signed out.");
  return form([old, fresh, changed], "Change password", async () => {
    show(changed, false);
    await connection.request("passwd", { old: old.input.value, new: fresh.input.value });
    old.empty();
    fresh.empty();
    show(changed, true);
  });
}

function notifications(notify) {
  const node = el("div");
  const words = {
    granted: "You are told of new messages while this page is hidden.",
    denied: "This browser does not allow notifications from this page.",
  };
  const draw = () => node.replaceChildren(words[notify.state] ??
    el("button", { type: "button", onclick: () => notify.allow().then(draw) }, "Tell me of new messages"));
  draw();
  return node;
}
