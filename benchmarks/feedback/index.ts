/**
 * How long a person waits for an answer: each click of a participant and of an operator, on a machine that serves,
 * trains twelve virtual participants and draws at the same time. Limits: an answer within 200 ms, progress every second.
 */
import { type Browser, chromium } from '@playwright/test';
import type { BenchmarkOptions, BenchmarkRow } from '../benchmark.ts';
import { startDemo } from './demo.ts';
import { operatorJourney, participantJourney, type Wait } from './journeys.ts';

const ANSWER_LIMIT_MS = 200;
const STILL_LIMIT_MS = 1000;
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
];

export async function run({ quick }: BenchmarkOptions): Promise<BenchmarkRow[]> {
  const demo = await startDemo();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  try {
    const visits: Wait[][] = [];
    for (let visit = 0; visit < (quick ? 1 : 3); visit += 1) {
      visits.push([
        ...(await inFreshTab(browser, (page) => participantJourney(page, demo))),
        ...(await inFreshTab(browser, (page) => operatorJourney(page, demo))),
      ]);
    }
    return visits[0]!.map((wait, step) => rowOf(visits.map((visit) => visit[step] ?? wait)));
  } finally {
    await browser.close();
    await demo.stop();
  }
}

async function inFreshTab(
  browser: Browser,
  journey: (page: Awaited<ReturnType<Browser['newPage']>>) => Promise<Wait[]>,
): Promise<Wait[]> {
  const page = await browser.newPage();
  try {
    return await journey(page);
  } finally {
    await page.close();
  }
}

function rowOf(waits: readonly Wait[]): BenchmarkRow {
  const { page, action, kind } = waits[0]!;
  const sorted = waits.map((wait) => wait.waitMs).sort((left, right) => left - right);
  const longestMs = Math.round(sorted.at(-1)!);
  const limitMs = kind === 'answer' ? ANSWER_LIMIT_MS : STILL_LIMIT_MS;
  return {
    page,
    action,
    medianMs: Math.round(sorted[Math.floor(sorted.length / 2)]!),
    longestMs,
    limitMs,
    isWithin: longestMs <= limitMs,
  };
}
