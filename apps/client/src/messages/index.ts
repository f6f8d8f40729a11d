/**
 * The words of every page, in the reader's language. English is always here; another language is a folder of the
 * same shape, and loads only for those who read it. The words of one page alone come with it.
 */
import type { admin } from './en/admin.ts';
import { common } from './en/common.ts';
import { data } from './en/data.ts';
import type { landing } from './en/landing.ts';
import type { participant } from './en/participant.ts';
import type { secureSum } from './en/secure-sum.ts';
import { writeFiguresIn } from './figures.ts';
import type { Language } from './language.ts';

const english = { ...common, ...data };
export type Messages = typeof english &
  typeof participant &
  typeof admin & { readonly landing: typeof landing; readonly secureSum: typeof secureSum };

/** Read it when something is drawn, not when a module loads: it is set once, before the first page appears. */
export let words = english as Messages;

let spoken: Language = 'en';
/** The language of `words`. */
export const spokenLanguage = (): Language => spoken;

/** @param more words of one page alone, which come with it */
export async function speak(
  language: Language,
  more: (language: Language) => Promise<Partial<Messages>> = async () => ({}),
): Promise<void> {
  const everybodys = language === 'en' ? english : (await import('./de/index.ts')).de;
  words = { ...everybodys, ...(await more(language)) } as Messages;
  spoken = language;
  writeFiguresIn(language);
}

/** Words that only some visits need, in the language that is spoken. */
export async function speakAlso(more: (language: Language) => Promise<Partial<Messages>>): Promise<void> {
  words = { ...words, ...(await more(spoken)) };
}
