// What outlives a page, in localStorage or, for one tab, in sessionStorage: small JSON by name. What cannot be read,
// or is not ours, counts as absent; what cannot be written is done without.

export function load(storage, name) {
  try {
    return JSON.parse(storage.getItem(name));
  } catch {
    return null;
  }
}

export function save(storage, name, value) {
  try {
    storage.setItem(name, JSON.stringify(value));
  } catch {
    // full, or forbidden
  }
}
