import type { TaskManifest } from '@tributary/fl-core';
import { words } from '../messages/index.ts';
import { privacyStatements } from './privacy-statements.ts';

/** Word for word what the page shows before consent, in the language that it shows: this is what is signed. */
export function consentText(manifest: TaskManifest): string {
  const { privacy: text } = words;
  const { leaves, stays, warning } = privacyStatements(manifest);
  const listed = (title: string, items: readonly string[]) => [title, ...items.map((item) => `- ${item}`)];
  return [...listed(text.leaves, leaves), ...listed(text.stays, stays), ...warning, text.consent].join('\n');
}
