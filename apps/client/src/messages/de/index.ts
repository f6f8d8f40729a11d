import { common } from './common.ts';
import { data } from './data.ts';
import { participant } from './participant.ts';

export const de = { ...common, ...participant, ...data };
