import { admin } from './admin.ts';
import { common } from './common.ts';
import { data } from './data.ts';
import { participant } from './participant.ts';

export const en = { ...common, ...participant, ...data, ...admin };
