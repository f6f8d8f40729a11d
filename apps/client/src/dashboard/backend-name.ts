import { words } from '../messages/index.ts';

const NAMES: Record<string, string> = { ...words.taking.backendNames, undecided: words.admin.undecided };

/** Backends newer than this page show by their own name. */
export const nameOfBackend = (name: string) => NAMES[name] ?? name;
