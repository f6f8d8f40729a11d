/**
 * The words of every page, in the reader's language. English is always here; another language is a folder of the
 * same shape, and loads only for those who read it.
 */
import { en } from './en/index.ts';
import { writeFiguresIn } from './figures.ts';
import type { Language } from './language.ts';

export type Messages = typeof en;

/** Read it when something is drawn, not when a module loads: it is set once, before the first page appears. */
export let words: Messages = en;

let spoken: Language = 'en';
/** The language of `words`. */
export const spokenLanguage = (): Language => spoken;

export async function speak(language: Language): Promise<void> {
  words = language === 'en' ? en : (await import('./de/index.ts')).de;
  spoken = language;
  writeFiguresIn(language);
  document.documentElement.lang = language;
}
