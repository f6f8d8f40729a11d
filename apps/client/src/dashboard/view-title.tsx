import { Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { words } from '../messages/index.ts';

/** The page's first view leaves the focus where the browser puts it. */
let isFirstView = true;

/** The heading of a view, and the name of its tab. After a change of view the keyboard goes on from here. */
export function ViewTitle({ name, children }: { name: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const isTyping = document.activeElement instanceof HTMLInputElement;
    if (!isFirstView && !isTyping) heading.current?.focus();
    isFirstView = false;
  }, []);
  return (
    <>
      <title>{`${name} · ${words.product}`}</title>
      <Title order={1} ref={heading} tabIndex={-1} className="view-title">
        {children ?? name}
      </Title>
    </>
  );
}
