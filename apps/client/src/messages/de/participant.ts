import { participant as english } from '../en/participant.ts';

export const participant: typeof english = english;
