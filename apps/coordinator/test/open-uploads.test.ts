import { expect, test } from 'vitest';
import { openUploads } from '../src/door/open-uploads.ts';

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}

/** Lasts until it is ended. */
const bringing = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const never = { isOver: () => false };

test('[U-3] the newer begins when the older has let go', async () => {
  const uploads = openUploads();
  const told: string[] = [];
  const { promise: begun, resolve: begin } = deferred();
  const older = uploads
    .alone('one', { turn: uploads.turn(), ...never }, async (signal) => {
      begin();
      await bringing(signal).finally(() => told.push('older ended'));
    })
    .catch((error) => error.code);
  await begun;
  await uploads.alone('one', { turn: uploads.turn(), ...never }, async () => told.push('newer began'));
  expect(await older).toBe('upload-interrupted');
  expect(told).toEqual(['older ended', 'newer began']);
});

test('[U-3] an older connection whose ticket took longer to read does not end the newer one', async () => {
  const uploads = openUploads();
  const [first, second] = [uploads.turn(), uploads.turn()];
  let finish = () => {};
  const newer = uploads.alone(
    'one',
    { turn: second, ...never },
    () => new Promise<void>((resolve) => (finish = resolve)),
  );
  await expect(uploads.alone('one', { turn: first, ...never }, bringing)).rejects.toMatchObject({
    code: 'upload-interrupted',
  });
  finish();
  await newer;
});

test('[U-3] a connection that broke in the meantime ends nobody', async () => {
  const uploads = openUploads();
  const newer = { turn: uploads.turn(), isOver: () => true };
  await expect(uploads.alone('one', newer, bringing)).rejects.toMatchObject({ code: 'upload-interrupted' });
});

test('[U-3] other uploads are not touched', async () => {
  const uploads = openUploads();
  let finish = () => {};
  const one = uploads.alone(
    'one',
    { turn: uploads.turn(), ...never },
    () => new Promise<void>((resolve) => (finish = resolve)),
  );
  await uploads.alone('two', { turn: uploads.turn(), ...never }, async () => {});
  finish();
  await one;
});
