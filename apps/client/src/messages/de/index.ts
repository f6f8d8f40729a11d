import { common } from './common.ts';
import { data } from './data.ts';

export const de = { ...common, ...data };
