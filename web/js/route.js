// Which conversation is open: it stands in the address, /#@alice or /#group, so that it can be copied, kept and
// gone back from. Holds nothing; the address is the state.

import { isName } from "./words.js";

export function openConversation() {
  const hash = location.hash.replace("%40", "@");
  const plain = hash.startsWith("#@") ? hash.slice(2) : hash.slice(1);
  if (!isName(plain)) return null;
  return hash.startsWith("#@") ? `@${plain}` : hash;
}

export function linkTo(conversation) {
  return conversation.startsWith("#") ? conversation : `#${conversation}`;
}

export function go(conversation) {
  location.hash = conversation ? linkTo(conversation) : "";
}

export function fullLink(conversation) {
  return new URL(linkTo(conversation), location.href).href;
}
