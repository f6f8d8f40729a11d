import { Button, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { errorCodeOf } from '@tributary/fl-core';
import { type FormEvent, useState } from 'react';
import { logIn } from '../api/admin.ts';
import { words } from '../messages/index.ts';
import { Problem } from './problem.tsx';

interface LoginProps {
  readonly onLoggedIn: (session: Awaited<ReturnType<typeof logIn>>) => void;
  /** A token came with the address and was not accepted. */
  readonly tokenRefused: boolean;
}

export function LoginForm({ onLoggedIn, tokenRefused }: LoginProps) {
  const text = words.admin;
  const [token, setToken] = useState('');
  const login = useMutation({ mutationFn: logIn, onSuccess: onLoggedIn });
  const refused = login.error ? errorCodeOf(login.error) === 'unauthorised' : tokenRefused && login.isIdle;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim()) login.mutate(token.trim());
  };
  return (
    <Stack maw={440} mx="auto" pt="xl" component="form" onSubmit={submit}>
      <title>{`${text.loginTitle} · ${words.product}`}</title>
      <Title order={1}>{text.loginTitle}</Title>
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
