/** What is wrong with a field, in words: expected and found, never the value itself. */
import * as z from 'zod/mini';

export const FAULT_WORDS: z.core.$ZodErrorMap = z.locales.en().localeError;
