import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { errorCodeOf, type OperatorSession } from '@tributary/fl-core';
import { type FormEvent, useState } from 'react';
import { logIn } from '../api/admin.ts';
import { Notice } from '../appearance/notice.tsx';
import { words } from '../messages/index.ts';
import { Problem } from './problem.tsx';
import { ViewTitle } from './view-title.tsx';

interface LoginProps {
  readonly onLoggedIn: (session: OperatorSession) => void;
  /** Why the form is here at all: a token came with the address and was refused, or the session is over. */
  readonly reason: 'refused' | 'expired' | null;
}

export function LoginForm({ onLoggedIn, reason }: LoginProps) {
  const text = words.admin;
  const [token, setToken] = useState('');
  const login = useMutation({ mutationFn: logIn, onSuccess: onLoggedIn });
  const refused = login.error
    ? errorCodeOf(login.error) === 'unauthorised'
    : reason === 'refused' && login.isIdle;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim()) login.mutate(token.trim());
  };
  return (
    <Stack maw={440} mx="auto" pt="xl" component="form" onSubmit={submit}>
      <ViewTitle name={text.loginTitle} />
      {reason === 'expired' && <Notice tone="careful">{text.sessionExpired}</Notice>}
      <Text className="quiet">{text.loginHint}</Text>
      <PasswordInput
        label={text.token}
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        error={refused && text.loginFailed}
        autoComplete="current-password"
        autoFocus
      />
      {login.error && !refused && <Problem error={login.error} />}
      <Button type="submit" loading={login.isPending}>
        {text.login}
      </Button>
    </Stack>
  );
}
