import { type FieldFault, manifestFaults } from '@tributary/fl-core';
import { config, locales } from 'zod/mini';
import type { Language } from '../../messages/language.ts';

/** The small zod says only "Invalid input"; an operator is told what was expected. */
export function explainFaultsIn(language: Language): void {
  config(language === 'de' ? locales.de() : locales.en());
}

/** The same check that the coordinator makes, field by field. */
export function faultsOf(document: unknown): FieldFault[] {
  return manifestFaults(document).map(({ path, message }) => ({
    path: path.replace(/^plan:/, ''),
    message,
  }));
}

export type ParsedText = { readonly document: unknown } | { readonly notJson: string };

export function parsedText(text: string): ParsedText {
  try {
    return { document: JSON.parse(text) };
  } catch (error) {
    return { notJson: error instanceof Error ? error.message : '' };
  }
}
