/**
 * Imported before everything else in the page: the content security policy allows no `eval`, so
 * schemas are interpreted instead of compiled.
 */
import { config } from 'zod/mini';

config({ jitless: true });
