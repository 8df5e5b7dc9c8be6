// What the granted scopes open (SMART App Launch 2.2, scopes for requesting FHIR resources).
// The server decides; this only lets the app say plainly what it may show.

export const CATEGORY_SYSTEM = "http://terminology.hl7.org/CodeSystem/observation-category";

const V1 = { read: "rs", write: "cud", "*": "cruds" };

/** `patient/Observation.rs?category=…` -> { level, type, letters, query } or null for other scopes. */
export function parseScope(text) {
  const match = /^(patient|user|system)\/(\*|[A-Za-z]+)\.(read|write|\*|[cruds]+)(?:\?(.*))?$/.exec(text);
  if (!match) return null;
  const [, level, type, letters, query] = match;
  return { level, type, letters: V1[letters] ?? letters, query: new URLSearchParams(query ?? "") };
}

/** All clinical scopes of a scope string. */
export function clinicalScopes(text) {
  return (text ?? "").split(/\s+/).map(parseScope).filter(Boolean);
}

/**
 * How much of one kind of record may be searched and read: "all", "some" (a granular scope narrows it) or "none".
 * With a category, a granular scope for just that category counts as all of it.
 */
export function access(scopeText, type, category) {
  let best = "none";
  for (const scope of clinicalScopes(scopeText)) {
    if (scope.level === "system" || !scope.letters.includes("s")) continue;
    if (scope.type !== "*" && scope.type !== type) continue;
    if ([...scope.query].length === 0) return "all";
    const values = scope.query.getAll("category").flatMap((value) => value.split(","));
    const onlyCategory = [...scope.query.keys()].every((key) => key === "category");
    const named = values.some((value) => value.split("|").pop() === category);
    if (category && named && onlyCategory) return "all";
    if (!category || named) best = "some";
  }
  return best;
}

/** Whether a single resource of the type may be read. */
export function mayRead(scopeText, type) {
  return clinicalScopes(scopeText).some(
    (scope) => (scope.type === "*" || scope.type === type) && scope.letters.includes("r"),
  );
}

/** Whether the session may be renewed at all. */
export function mayRefresh(scopeText) {
  return /(^|\s)(offline|online)_access(\s|$)/.test(scopeText ?? "");
}
