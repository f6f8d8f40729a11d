import { type ComponentProps, useId } from 'react';

type Tone = 'bad' | 'careful' | 'good' | 'note';

/** `bad` interrupts a screen reader; the others wait for their turn. */
export function Notice({ tone, title, children, ...rest }: { tone: Tone } & ComponentProps<'div'>) {
  const id = useId();
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className="notice"
      data-tone={tone}
      {...(title !== undefined && { 'aria-labelledby': id })}
      {...rest}
    >
      {title !== undefined && (
        <p className="notice-title" id={id}>
          {title}
        </p>
      )}
      {children}
    </div>
  );
}
