import { words } from '../../messages/index.ts';

/** Backends newer than this page show by their own name. */
export function nameOfBackend(name: string): string {
  const names: Record<string, string> = words.backendNames;
  return name === 'undecided' ? words.admin.undecided : (names[name] ?? name);
}
