import { type FieldFault, manifestFaults } from '@tributary/fl-core';
import { config, locales } from 'zod/mini';

// The small zod says only "Invalid input"; an operator is told what was expected.
config(locales.en());

export type CheckedManifest =
  | { readonly ok: true; readonly manifest: unknown }
  | { readonly ok: false; readonly notJson: string | null; readonly faults: readonly FieldFault[] };

/** The same check that the coordinator makes, field by field. */
export function checkedManifest(text: string): CheckedManifest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { ok: false, notJson: error instanceof Error ? error.message : '', faults: [] };
  }
  const faults = manifestFaults(document).map(({ path, message }) => ({
    path: path.replace(/^plan:/, ''),
    message,
  }));
  return faults.length === 0 ? { ok: true, manifest: document } : { ok: false, notJson: null, faults };
}
