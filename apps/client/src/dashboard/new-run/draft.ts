/**
 * A manifest in the making: plain JSON, possibly wrong anywhere. It is what the form and the JSON editor both edit,
 * so what one of them cannot show is kept for the other. A path is that of the manifest, e.g. `rounds.reportGoal`.
 */
export type Draft = Readonly<Record<string, unknown>>;

export const isDraft = (value: unknown): value is Draft =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function valueAt(draft: Draft, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isDraft(inner) ? inner[key] : undefined), draft);
}

/** `undefined` takes the field away, and a part that it leaves empty, so that the default holds. */
export function withValue(draft: Draft, path: string, value: unknown): Draft {
  const [key, ...rest] = path.split('.') as [string, ...string[]];
  if (rest.length > 0) {
    const before = draft[key];
    const inner = withValue(isDraft(before) ? before : {}, rest.join('.'), value);
    return withValue(draft, key, Object.keys(inner).length > 0 ? inner : undefined);
  }
  if (value !== undefined) return { ...draft, [key]: value };
  const { [key]: _removed, ...others } = draft;
  return others;
}

/**
 * Another kind of the thing at this path: what both kinds have is kept, the rest begins as `starter` says.
 * @param kindKey the field that tells the kinds apart
 */
export function withKind(draft: Draft, path: string, starter: Draft, kindKey = 'kind'): Draft {
  const before = valueAt(draft, path);
  const kept = Object.entries(isDraft(before) ? before : {}).filter(
    ([key, value]) => key !== kindKey && Object.hasOwn(starter, key) && isAlike(value, starter[key]),
  );
  return withValue(draft, path, { ...starter, ...Object.fromEntries(kept) });
}

/** One kind's `blocks` are a number, another's are a list. */
const isAlike = (one: unknown, other: unknown): boolean =>
  typeof one === typeof other && Array.isArray(one) === Array.isArray(other);
