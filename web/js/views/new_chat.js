// The window for what is new: writing to a person, joining a group, making one.

import { el } from "../dom.js";
import { go } from "../route.js";
import { cleanName } from "../words.js";
import { openDialog } from "./dialog.js";
import { checkbox, field, form, nameField } from "./form.js";
import { tabs } from "./tabs.js";

export function openNewChat(app) {
  const done = (conversation) => {
    dialog.close();
    go(conversation);
  };
  const rows = [
    { id: "write", label: "Person", panel: el("div", {}, personForm(app, done)) },
    { id: "join", label: "Join a group", panel: el("div", {}, joinForm(app, done)) },
    { id: "make", label: "New group", panel: el("div", {}, makeForm(app, done)) },
  ];
  const dialog = openDialog("New chat", tabs("What to do", rows), rows.map(({ panel }) => panel));
}

function personForm({ people, store }, done) {
  const name = nameField("Person’s name", { name: "name", placeholder: "alice" }, "The name they signed up with. They become one of your contacts.");
  return form([name], "Write", async () => {
    const who = nameOf(name);
    if (who !== store.me.name) await people.add(who).catch((error) => ignore(error, "blocked")); // said in the conversation
    done(`@${who}`);
  });
}

function joinForm({ groups }, done) {
  const name = nameField("Group’s name", { name: "group", placeholder: "lobby" });
  return form([name], "Join", async () => {
    const group = `#${nameOf(name)}`;
    await groups.join(group);
    done(group);
  });
}

function makeForm({ groups }, done) {
  const name = nameField("Name of the new group", { name: "group", placeholder: "book-club" });
  const topic = field("Topic (optional)", { name: "topic", maxlength: 256 });
  const open = checkbox("Anyone may join", false, "Otherwise you add its members, and others do not see that it exists.");
  return form([name, topic, open], "Make group", async () => {
    const group = `#${nameOf(name)}`;
    await groups.create(group, topic.input.value.trim(), open.input.checked);
    done(group);
  });
}

function nameOf({ input }) {
  return cleanName(input.value);
}

function ignore(error, code) {
  if (error.code !== code) throw error;
}
