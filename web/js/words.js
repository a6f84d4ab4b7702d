// What the page says: errors in words, times, counts, initials. Pure functions.

const errors = {
  bad_credentials: "This name and this password do not belong together.",
  name_taken: "This name is taken. Names are never given twice.",
  no_such_user: "There is nobody of this name.",
  no_such_group: "There is no such group, or it is closed: then an admin must add you.",
  not_member: "You are not a member of this group.",
  forbidden: "You do not have the right to do this.",
  blocked: "One of you has blocked the other.",
  text_too_long: "This text is too long.",
  too_large: "This text is too long.",
  group_full: "This group is full.",
  too_many: "That is more than is allowed here.",
  rate_limited: "That was too fast. Please wait a moment.",
  busy: "Many people are signing in right now. Please try again in a moment.",
  unavailable: "The server cannot reach its store right now. Please try again in a moment.",
  disconnected: "There is no connection to the server.",
  internal: "Something went wrong on the server.",
  unknown_op: "This server does not know how to do this yet.",
};

const fields = {
  name: "A name has 1 to 32 of a–z, 0–9, “_”, “.” and “-”, and begins with a letter or a digit.",
  group: "A group’s name has 1 to 32 of a–z, 0–9, “_”, “.” and “-”, and begins with a letter or a digit.",
  password: "A password has at least 8 characters.",
  new: "A password has at least 8 characters.",
  display: "This is too long: at most 64 bytes.",
  topic: "This is too long: at most 256 bytes.",
};

export const passwordAdvice = "At least 8 characters. Nobody can reset a password: write it down.";

export function errorText({ code, reply }) {
  if (code === "bad_field") return fields[reply?.field] ?? `The server does not accept this: ${reply?.detail ?? code}`;
  return errors[code] ?? `This did not work: ${reply?.detail ?? code}`;
}

// As a name is written: lower case, without the @ or # that people put before it.
export function cleanName(text) {
  return text.trim().replace(/^[@#]/, "").toLowerCase();
}

export function isName(text) {
  return /^[a-z0-9][a-z0-9_.-]{0,31}$/.test(text);
}

// What is wrong with a name, and one that would do; "" if nothing is.
export function nameTrouble(text) {
  if (isName(cleanName(text))) return "";
  const other = nameLike(text);
  return other ? `A name has only a–z, 0–9, “_”, “.” and “-”, at most 32 of them. Try “${other}”.` : fields.name;
}

function nameLike(text) {
  const spelled = cleanName(text).replace(/[äöüß]/g, (letter) => ({ ä: "ae", ö: "oe", ü: "ue", ß: "ss" })[letter]);
  return spelled.normalize("NFD").trim().replace(/\s+/g, ".").replace(/[^a-z0-9_.-]/g, "").replace(/^[_.-]+/, "").slice(0, 32);
}

export function initials(text) {
  const words = text.replace(/^[@#]/, "").split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? "?"];
  return letters.map((word) => [...word][0]).join("").toUpperCase();
}

// One of eight colours, always the same for a name.
export function hue(name) {
  let sum = 7;
  for (const letter of name) sum = (Math.imul(sum, 31) + letter.codePointAt(0)) | 0;
  return Math.imul(sum, 0x9e3779b1) >>> 29; // mixed: names differ in little
}

export function clock(ts) {
  return new Date(ts).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

export function dayKey(ts) {
  return new Date(ts).toDateString();
}

export function day(ts) {
  const ago = daysAgo(ts);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  const thisYear = new Date(ts).getFullYear() === new Date().getFullYear();
  return new Date(ts).toLocaleDateString([], {
    weekday: "long", day: "numeric", month: "long", ...(thisYear ? {} : { year: "numeric" }),
  });
}

// For the list: the time today, the day this week, the date before.
export function shortTime(ts) {
  const ago = daysAgo(ts);
  if (ago === 0) return clock(ts);
  if (ago === 1) return "Yesterday";
  if (ago < 7) return new Date(ts).toLocaleDateString([], { weekday: "short" });
  return new Date(ts).toLocaleDateString([], { day: "numeric", month: "short" });
}

export function presenceText(presence) {
  if (!presence) return "";
  if (presence.online) return "online";
  if (!presence.last_seen) return "offline";
  const ago = daysAgo(presence.last_seen);
  if (ago === 0) return `last seen at ${clock(presence.last_seen)}`;
  return ago === 1 ? "last seen yesterday" : `last seen ${shortTime(presence.last_seen)}`;
}

export function typingText(names) {
  if (!names.length) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  return names.length === 2 ? `${names[0]} and ${names[1]} are typing…` : "Several people are typing…";
}

export function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

function daysAgo(ts) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(new Date()) - midnight(new Date(ts))) / 86_400_000);
}
