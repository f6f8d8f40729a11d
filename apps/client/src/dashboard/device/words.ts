import { roofline as german } from '../../messages/de/roofline.ts';
import { roofline as english } from '../../messages/en/roofline.ts';
import { spokenLanguage } from '../../messages/index.ts';

/** They come with this page, because few operators ever open it. */
export const rooflineWords = () => (spokenLanguage() === 'de' ? german : english);
