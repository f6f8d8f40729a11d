/** A typed key -> the label that it means, when only one begins with it. */
type Typed = { readonly kind: 'one'; readonly label: number } | { readonly kind: 'many' | 'none' };

export function labelTyped(typed: string, labels: readonly string[]): Typed {
  // A label that is exactly this key means it, also when a longer one begins alike: 1 of 1 .. 10.
  const exact = labels.indexOf(typed);
  if (exact >= 0) return { kind: 'one', label: exact };
  const wanted = typed.toLowerCase();
  const candidates = [...labels.keys()].filter((index) => labels[index]!.toLowerCase().startsWith(wanted));
  const [label, ...others] = candidates;
  if (label === undefined) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', label } : { kind: 'many' };
}
