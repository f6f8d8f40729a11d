/** The words of every page, in the reader's language; today there is one. Another is another file of this shape. */
import { en } from './en.ts';

type Messages = typeof en;

export const words: Messages = en;
