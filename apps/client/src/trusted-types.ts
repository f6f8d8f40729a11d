/**
 * The page's only two ways from text to something that the browser runs or parses. The content security policy knows
 * both by name and allows no third. Imported before everything else in the page.
 */

/** Not in TypeScript's own library yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown;
  createPolicy(
    name: string,
    rules: { createScriptURL(text: string): string | null },
  ): { createScriptURL(text: string): object };
}

/** Absent in older browsers, where the rest of the content security policy is what there is. */
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };

// Mantine writes style sheets with `innerHTML`. A style sheet has no tag in it; what has one is refused and reported.
trustedTypes?.createPolicy('default', { createHTML: (text) => (text.includes('<') ? null : text) });

const workerScripts = trustedTypes?.createPolicy('tributary-worker', {
  createScriptURL: (text) => (isOwnScript(text) ? text : null),
});

/**
 * @param script from `import script from './NAME.worker.ts?worker&url'`
 */
export function openWorker(script: string): Worker {
  if (!workerScripts) return new Worker(script, { type: 'module' });
  // What the policy made is a string to the browser, but not to TypeScript.
  return new Worker(workerScripts.createScriptURL(script) as unknown as string, { type: 'module' });
}

/** Served as a file of this build; while developing, Vite serves the sources. */
function isOwnScript(text: string): boolean {
  const url = new URL(text, location.origin);
  return url.origin === location.origin && (import.meta.env.DEV || url.pathname.startsWith('/assets/'));
}
