/** `/join#ticket=...`: finds out what the run is, and explains it when that does not work. */
import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useHash } from '@mantine/hooks';
import { errorCodeOf } from '@tributary/fl-core';
import { fetchJoinInfo } from '@tributary/participant';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { LoadingPage } from '../appearance/loading-page.tsx';
import { Notice } from '../appearance/notice.tsx';
import { PageFrame } from '../appearance/page-frame.tsx';
import { useLoaded } from '../appearance/use-loaded.ts';
import { words } from '../messages/index.ts';
import { ticketFromAddress, ticketFromText } from './admission-ticket.ts';
import { openDeviceRecords } from './device.ts';
import { EraseHere } from './erase-here.tsx';
import { ErasedPage } from './erased-page.tsx';
import { RunPage } from './run-page.tsx';

/** A minute of asking often, then seldom: each question goes into the list of what left. */
const ASK_OFTEN_MS = 5000;
const ASK_SELDOM_MS = 60_000;
const OFTEN = 12;
const SLOW_MS = 4000;

export default function JoinPage() {
  // Pasting another link into the same tab changes the fragment only; the page follows it.
  useHash();
  const ticket = ticketFromAddress();
  const [kept, setKept] = useState<number | null>(null);
  const erased = useCallback((dataSets: number) => {
    // The ticket is a remembrance of the run, too.
    history.replaceState(null, '', location.pathname);
    setKept(dataSets);
  }, []);
  useEffect(() => {
    if (ticket) setKept(null);
  }, [ticket]);
  return (
    <PageFrame size={1120}>
      {kept !== null ? (
        <ErasedPage kept={kept} />
      ) : ticket ? (
        <Invited key={ticket} ticket={ticket} onErased={erased} />
      ) : (
        <NotInvited onErased={erased} />
      )}
    </PageFrame>
  );
}

function Invited({ ticket, onErased }: { ticket: string; onErased: (kept: number) => void }) {
  // Once known, the run does not change; a coordinator that is away is asked again.
  const { data, error, retry } = useLoaded(
    async (signal) => {
      const records = await openDeviceRecords();
      const { storage } = records;
      return {
        records,
        join: await fetchJoinInfo({ coordinatorUrl: location.origin, ticket, storage, signal }),
      };
    },
    (failure, attempt) => {
      if (!canPass(failure)) return null;
      return attempt < OFTEN ? ASK_OFTEN_MS : ASK_SELDOM_MS;
    },
  );
  if (data) return <RunPage ticket={ticket} onErased={onErased} {...data} />;
  if (error) return <NotOpened error={error} retry={retry} onErased={onErased} />;
  return <Asking />;
}

function Asking() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <title>{words.product}</title>
      <LoadingPage sentence={slow ? words.join.askingSlow : words.join.asking} />
    </>
  );
}

/** Anything but a verdict on the ticket may be different in a moment. */
const canPass = (error: Error) => ['internal', 'rate-limited'].includes(errorCodeOf(error));

interface NotOpenedProps {
  readonly error: Error;
  readonly retry: () => void;
  readonly onErased: (kept: number) => void;
}

function NotOpened({ error, retry, onErased }: NotOpenedProps) {
  const { title, text } = explained(error);
  return (
    <Stack maw={680} mx="auto" pt="lg">
      <title>{`${title} · ${words.product}`}</title>
      <Title order={1}>{title}</Title>
      <Notice tone={canPass(error) ? 'careful' : 'bad'}>{text}</Notice>
      <Group>
        <Button onClick={retry}>{words.tryAgain}</Button>
      </Group>
      <EraseHere onErased={onErased} />
    </Stack>
  );
}

function explained(error: Error): { title: string; text: string } {
  const text = words.join;
  switch (errorCodeOf(error)) {
    case 'ticket-expired':
      return { title: text.ticketExpiredTitle, text: text.ticketExpired };
    case 'ticket-invalid':
    case 'unauthorised':
      return { title: text.ticketInvalidTitle, text: text.ticketInvalid };
    case 'invite-revoked':
      return { title: text.ticketInvalidTitle, text: words.errors['invite-revoked'] ?? error.message };
    case 'run-unknown':
    case 'not-found':
      return { title: text.runUnknownTitle, text: text.runUnknown };
    case 'internal':
      return { title: text.unreachableTitle, text: text.unreachable };
    default:
      return { title: text.failedTitle, text: `${error.message} (${errorCodeOf(error)})` };
  }
}

function NotInvited({ onErased }: Pick<NotOpenedProps, 'onErased'>) {
  const text = words.join;
  const [entered, setEntered] = useState('');
  const [wrong, setWrong] = useState(false);
  const open = (event: FormEvent) => {
    event.preventDefault();
    const ticket = ticketFromText(entered);
    setWrong(ticket === null);
    if (ticket) location.hash = new URLSearchParams({ ticket }).toString();
  };
  return (
    <Stack maw={680} mx="auto" pt="lg">
      <title>{`${text.noTicketTitle} · ${words.product}`}</title>
      <Title order={1}>{text.noTicketTitle}</Title>
      <Text>{text.noTicket}</Text>
      <form onSubmit={open}>
        <Group align="flex-end">
          <TextInput
            label={text.pasteLink}
            value={entered}
            onChange={(event) => setEntered(event.currentTarget.value)}
            error={wrong && text.badLink}
            autoComplete="off"
            flex="1 1 16rem"
          />
          <Button type="submit">{text.useLink}</Button>
        </Group>
      </form>
      <EraseHere onErased={onErased} />
    </Stack>
  );
}
