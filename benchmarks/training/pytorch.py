"""Times training steps in PyTorch on one thread, as many as each line of standard input asks for.

The first line names the workload: {"model", "spec", "batch", "learningRate", "inputs", "inputShape", "labels"}; `inputs` and
`labels` are files of float32 and int32. Every further line is a number of steps; the answer is their seconds.
"""

import array
import json
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import torch  # noqa: E402  (the number of threads is read when it loads)
import torch.nn as nn  # noqa: E402
import torch.nn.functional as F  # noqa: E402

torch.set_num_threads(1)


def mlp(spec):
    widths = [spec["inputSize"], *spec["hidden"], spec["classes"]]
    layers = [layer for a, b in zip(widths, widths[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*layers[:-1])


def mcmahan_cnn(spec):
    rows = (spec["height"] // 4) * (spec["width"] // 4)
    return nn.Sequential(
        nn.Conv2d(spec["channels"], 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(rows * 64, 512), nn.ReLU(), nn.Linear(512, spec["classes"]),
    )


class ChannelNorm(nn.LayerNorm):
    """Over the channels of each pixel."""

    def forward(self, image):
        return super().forward(image.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class SamePadding(nn.Module):
    """As TensorFlow pads before a window of 3 and a stride of 2: the odd row and column come last."""

    def forward(self, image):
        return F.pad(image, (0, 1, 0, 1))


def separable_cnn(spec):
    width = spec["stemFilters"]
    layers = [nn.Conv2d(spec["channels"], width, 3, padding=1), nn.ReLU()]
    for block in spec["blocks"]:
        stride, filters = block["stride"], block["filters"]
        if stride == 2:
            layers.append(SamePadding())
        layers += [
            nn.Conv2d(width, width, 3, stride=stride, padding=0 if stride == 2 else 1, groups=width),
            ChannelNorm(width),
            nn.Conv2d(width, filters, 1),
            nn.ReLU(),
        ]
        width = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, spec["classes"]))


class CharGru(nn.Module):
    """cuDNN's variant of the gates (the reset gate after the recurrent product), which is the fast one in PyTorch."""

    def __init__(self, spec):
        super().__init__()
        self.vocabulary = spec["vocabularySize"]
        self.gru = nn.GRU(self.vocabulary, spec["units"], batch_first=True)
        self.dense = nn.Linear(spec["units"], self.vocabulary)

    def forward(self, characters):
        states, _ = self.gru(F.one_hot(characters, self.vocabulary).float())
        return self.dense(states)


class Block(nn.Module):
    def __init__(self, width, heads, length):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.register_buffer("mask", torch.full((length, length), float("-inf")).triu(1))

    def forward(self, x):
        n, rows, width = x.shape
        parts = self.attention(self.norm1(x)).view(n, rows, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5 + self.mask
        attended = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, rows, width)
        x = x + self.projection(attended)
        return x + self.contract(F.gelu(self.expand(self.norm2(x)), approximate="tanh"))


class CharTransformer(nn.Module):
    def __init__(self, spec):
        super().__init__()
        width, length = spec["width"], spec["sequenceLength"]
        self.characters = nn.Embedding(spec["vocabularySize"], width)
        self.positions = nn.Parameter(torch.randn(length, width) * 0.02)
        self.blocks = nn.Sequential(*[Block(width, spec["heads"], length) for _ in range(spec["blocks"])])
        self.norm, self.dense = nn.LayerNorm(width), nn.Linear(width, spec["vocabularySize"])

    def forward(self, characters):
        return self.dense(self.norm(self.blocks(self.characters(characters) + self.positions)))


MODELS = {
    "mlp": mlp,
    "mcmahan-cnn": mcmahan_cnn,
    "separable-cnn": separable_cnn,
    "char-gru": CharGru,
    "char-transformer": CharTransformer,
}


def tensor_from(path, kind, dtype, shape):
    values = array.array(kind)
    with open(path, "rb") as file:
        values.frombytes(file.read())
    return torch.tensor(values, dtype=dtype).view(shape)


def main():
    workload = json.loads(sys.stdin.readline())
    spec, batch = workload["spec"], workload["batch"]
    inputs = tensor_from(workload["inputs"], "f", torch.float32, (-1, *workload["inputShape"]))
    if inputs.dim() == 4:
        inputs = inputs.permute(0, 3, 1, 2).contiguous()
    if "sequenceLength" in spec:
        inputs = inputs.long()
    labels = tensor_from(workload["labels"], "i", torch.int64, (len(inputs), -1))
    batches = list(zip(inputs.split(batch), (part.flatten() for part in labels.split(batch))))

    torch.manual_seed(1)
    model = MODELS[workload["model"]](spec)
    optimiser = torch.optim.SGD(model.parameters(), lr=workload["learningRate"])
    print(json.dumps({"version": torch.__version__, "parameters": sum(p.numel() for p in model.parameters())}), flush=True)

    done = 0
    for line in sys.stdin:
        started = time.perf_counter()
        for _ in range(int(line)):
            x, y = batches[done % len(batches)]
            optimiser.zero_grad(set_to_none=True)
            F.cross_entropy(model(x).view(len(y), -1), y).backward()
            optimiser.step()
            done += 1
        print(json.dumps(time.perf_counter() - started), flush=True)


main()
