/** One backend: its ceilings, its kernels below them, and whole models. */
import { Text } from '@mantine/core';
import type { BackendMeasurement, KernelMeasurement } from '@tributary/training/roofline';
import { ScrollBox } from '../../appearance/scroll-box.tsx';
import { Section } from '../../appearance/section.tsx';
import { count, decimal, percent } from '../../messages/figures.ts';
import { RooflinePlot } from './roofline-plot.tsx';
import { rooflineWords } from './words.ts';

export function BackendSection({ backend }: { backend: BackendMeasurement }) {
  const text = rooflineWords();
  const { name, adapter, ceilings } = backend;
  const title = adapter === '' ? text.backends[name] : `${text.backends[name]} · ${adapter}`;
  return (
    <Section title={title}>
      <Text>{text.peaks(giga(ceilings.flopsPerSecond), giga(ceilings.bytesPerSecond))}</Text>
      {/swiftshader|llvmpipe/i.test(adapter) && <Text>{text.softwareAdapter}</Text>}
      <RooflinePlot backend={backend} name={text.rooflineOf(title)} label={text.plot(title)} />
      <KernelsTable backend={backend} of={text.kernels(title)} />
      <Text size="sm" className="quiet">
        {text.shareAbout}
      </Text>
      <ModelsTable backend={backend} of={`${text.models}: ${title}`} />
      <Text size="sm" className="quiet">
        {text.modelsAbout}
      </Text>
    </Section>
  );
}

function KernelsTable({ backend, of }: { backend: BackendMeasurement; of: string }) {
  const text = rooflineWords();
  const figures = [text.gigaflops, text.gigabytes, text.share];
  return (
    <ScrollBox of={of}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col" data-figures>
              {text.number}
            </th>
            <th scope="col">{text.kernel}</th>
            <th scope="col">{text.pass}</th>
            {figures.map((figure) => (
              <th key={figure} scope="col" data-figures>
                {figure}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {backend.kernels.map((kernel, index) => {
            const { work, seconds, pass, shareOfBound } = kernel;
            return (
              <tr key={`${kernelName(kernel)} ${pass}`}>
                <td data-figures>{count(index + 1)}</td>
                <th scope="row">{kernelName(kernel)}</th>
                <td>{text.passes[pass]}</td>
                <td data-figures>{work.flops === 0 ? '–' : giga(work.flops / seconds)}</td>
                <td data-figures>{giga(work.bytes / seconds)}</td>
                <td data-figures>{percent(shareOfBound)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function ModelsTable({ backend, of }: { backend: BackendMeasurement; of: string }) {
  const text = rooflineWords();
  return (
    <ScrollBox of={of}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{text.model}</th>
            <th scope="col" data-figures>
              {text.batch}
            </th>
            <th scope="col" data-figures>
              {text.examplesPerSecond}
            </th>
          </tr>
        </thead>
        <tbody>
          {backend.models.map(({ model, batch, examplesPerSecond }) => (
            <tr key={model}>
              <th scope="row">{model}</th>
              <td data-figures>{count(batch)}</td>
              <td data-figures>{threeDigits(examplesPerSecond)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

export function kernelName({ kind, model }: KernelMeasurement): string {
  const text = rooflineWords();
  return model === null ? text.matrixProduct : text.kernelOf(text.kinds[kind], model);
}

const threeDigits = (value: number): string => decimal(Number(value.toPrecision(3)));
const giga = (value: number): string => threeDigits(value / 1e9);
