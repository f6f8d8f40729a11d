/** Wörter des Formulars für das, was unterwegs ist: wie ein Update das Gerät verlässt und wie das Modell zu ihm kommt. */
import type { compressionForm as english } from '../en/compression-form.ts';

export const compressionForm: typeof english = {
  fields: {
    'compression.codec': {
      label: 'Form eines Updates',
      help: 'Sichere Aggregation braucht eine, die sich addieren lässt: quantisiert oder abgestimmt.',
    },
    'compression.valueBits': { label: 'Bits eines Werts', help: 'Genauigkeit eines Updates. 2 bis 24.' },
    'compression.valueBits.kept': { label: 'Bits eines Werts', help: 'Für jeden behaltenen Wert. 2 bis 8.' },
    'compression.bound': {
      label: 'Größte Änderung',
      help: 'Änderungen eines Parameters darüber hinaus, nach oben oder unten, werden darauf gekürzt.',
    },
    'compression.ring': {
      label: 'Platz für die Summe',
      help: 'Bewiesen: Keine Summe kann überlaufen. Wahrscheinlich: weniger Bits; eine Summe läuft so gut wie nie über, wenn nicht alle Updates in dieselbe Richtung zeigen.',
    },
    'compression.ringBits': {
      label: 'Bits eines Werts',
      help: 'So viel kostet jeder unterwegs, 2 bis 32. Für 100 Teilnehmende genügen 8, für 1.000 genügen 10.',
    },
    'compression.wrapProbability': {
      label: 'Überlauf höchstens (Wahrscheinlichkeit)',
      help: 'Für einen Wert einer Summe. Die Schrittweite folgt den Summen früherer Runden, damit das gilt.',
    },
    'compression.firstNorm': {
      label: 'Länge in der ersten Runde (L2-Norm)',
      help: 'Wie lang ein Update sein darf, solange über die Summen noch nichts bekannt ist.',
    },
    'compression.sampling.kind': {
      label: 'Was unterwegs ist',
      help: 'Weniger als alles: für alle derselbe Teil, in jeder Runde neu gezogen.',
    },
    'compression.sampling.fraction': { label: 'Gesendeter Teil (Anteil)', help: 'Über 0, bis 1.' },
    'compression.sampling.rank': {
      label: 'Spalten der Basis',
      help: 'Matrizen werden als Produkte mit so vielen Spalten gesendet. 1 bis 256.',
    },
    'compression.rotation': {
      label: 'Drehung',
      help: 'Macht vor dem Runden alle Werte ähnlich groß: Es geht weniger verloren. Blöcke brauchen wenig Auffüllung.',
    },
    'compression.rounding': {
      label: 'Rundung',
      help: 'Mit öffentlichem Zufall (Dither): Er wird von der Summe wieder abgezogen. Halber Fehler, kein Byte mehr.',
    },
    'compression.feedback.mode': {
      label: 'Verlorenes aufheben',
      help: 'Ein Gerät hebt auf, was beim Codieren verloren ging, und legt es zum nächsten Update. Für Geräte, die wiederkommen.',
    },
    'compression.feedback.expiresAfterRounds': {
      label: 'Aufheben für (Runden)',
      help: 'Danach gehört es zu einem anderen Modell und wird verworfen. 1 bis 10.000.',
    },
    'compression.bits': { label: 'Bits eines Werts', help: '1 bis 4.' },
    'compression.bits.codebook': { label: 'Bits eines Werts', help: '1 bis 8: bis zu 256 Stufen.' },
    'compression.fraction.own': {
      label: 'Gesendeter Teil (Anteil)',
      help: 'Jedes Gerät zieht einen eigenen Teil. Über 0, bis 1.',
    },
    'compression.fraction': {
      label: 'Gesendeter Teil (Anteil)',
      help: 'Die größten Werte. Über 0, bis 1.',
    },
    'compression.adaptive': {
      label: 'Weniger Bits, wenn es langsam ist',
      help: 'Ein Gerät, dessen Verbindung zu spät wäre, sendet weniger Bits.',
    },
    'compression.momentum': {
      label: 'Momentum',
      help: 'Auch für das, was auf dem Gerät wartet. 0 bis knapp unter 1.',
    },
    'compression.warmUpRounds': {
      label: 'Anlauf (Runden)',
      help: 'In ihnen sinkt der Teil von einem Viertel auf den angegebenen.',
    },
    'compression.mantissaBits': {
      label: 'Bits nach dem Komma',
      help: '0 bis 22, zufällig gerundet. 7 ist bfloat16.',
    },
    'compression.rank': {
      label: 'Rang',
      help: 'Matrizen werden als zwei schmale mit so vielen Spalten gesendet. 1 bis 64.',
    },
    'downlink.codec': {
      label: 'Form des Modells',
      help: 'Wie es zu den Geräten kommt. Was sie schon haben, wird nicht noch einmal gesendet, außer bei float32.',
    },
    'downlink.bits': { label: 'Bits eines Parameters', help: 'Im Mittel etwa so viele. 4 bis 12.' },
  },

  choices: {
    'compression.codec.float32': 'float32: 4 Byte je Parameter',
    'compression.codec.quantised': 'quantisiert: addierbar, ohne Überlauf',
    'compression.codec.tuned': 'abgestimmt: addierbar, wenigste Bits',
    'compression.codec.eden': 'EDEN: 1 bis 4 Bits',
    'compression.codec.codebook': 'Codebuch: eigene Stufen',
    'compression.codec.top-k': 'Top-k: die größten Werte',
    'compression.codec.truncated': 'gekürzt: kurze Gleitkommazahlen',
    'compression.codec.power-sgd': 'PowerSGD: schmale Matrizen',
    'compression.ring.proven': 'bewiesen',
    'compression.ring.probabilistic': 'wahrscheinlich',
    'compression.sampling.kind.all': 'alles',
    'compression.sampling.kind.random-k': 'zufällige Parameter',
    'compression.sampling.kind.neurons': 'zufällige Neuronen',
    'compression.sampling.kind.low-rank': 'niedriger Rang',
    'compression.rotation.none': 'keine',
    'compression.rotation.blocks': 'in Blöcken',
    'compression.rotation.full': 'alles auf einmal',
    'compression.rounding.stochastic': 'zufällig',
    'compression.rounding.dithered': 'mit Dither',
    'compression.feedback.mode.off': 'nein',
    'compression.feedback.mode.on': 'ja, auf dem Gerät',
    'compression.adaptive.false': 'nein',
    'compression.adaptive.true': 'ja',
    'downlink.codec.float32': 'float32: 4 Byte je Parameter',
    'downlink.codec.lossless': 'verlustfrei: codiert',
    'downlink.codec.grid': 'Raster: gerundet und codiert',
  },
};
