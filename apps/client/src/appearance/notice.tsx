import { Alert, type AlertProps } from '@mantine/core';

type Tone = 'bad' | 'careful' | 'good' | 'note';

/** `bad` interrupts a screen reader; the others wait for their turn. */
export function Notice({ tone, ...rest }: { tone: Tone } & Omit<AlertProps, 'color'>) {
  return <Alert role={tone === 'bad' ? 'alert' : 'status'} className="notice" data-tone={tone} {...rest} />;
}
