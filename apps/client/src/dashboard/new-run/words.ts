import { manifestForm as german } from '../../messages/de/manifest-form.ts';
import { manifestForm as english } from '../../messages/en/manifest-form.ts';
import { spokenLanguage } from '../../messages/index.ts';

/** They come with this page: most visits to the dashboard plan no run. */
export const formWords = (): typeof english => (spokenLanguage() === 'de' ? german : english);
