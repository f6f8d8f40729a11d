import type { ReactNode } from 'react';
import { words } from '../messages/index.ts';

/** What is too wide or too long scrolls inside its own region, which the keyboard can reach. */
export function ScrollBox({ of, children }: { of: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: otherwise it cannot be scrolled by keyboard
    <section className="scroll-box" tabIndex={0} aria-label={words.asTable(of)}>
      {children}
    </section>
  );
}
