import { spokenLanguage } from '../../messages/index.ts';

/** They come with this page, in the language that is spoken: most visits to the dashboard plan no run. */
const { manifestForm } = await (spokenLanguage() === 'de'
  ? import('../../messages/de/manifest-form.ts')
  : import('../../messages/en/manifest-form.ts'));

export const formWords = (): typeof manifestForm => manifestForm;
