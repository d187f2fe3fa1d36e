package leakmark.attacks.published;

import java.util.List;
import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Layer.Activation;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Shape;

/**
 * TorchScript of a network and of gradient matching on it by double backward, as DLG's published code has it: the
 * gradient with {@code create_graph}, its distance from the target, and that distance's gradient.
 */
final class TorchNetworkSource {
    private final StringBuilder lines = new StringBuilder();
    private int parameters;
    private int values;

    private TorchNetworkSource() {}

    /**
     * Methods {@code ready(parameters)}, which marks tensors as variables; {@code match(x, labels, parameters, target)},
     * which gives the distance and its gradients by x and labels; and {@code gradient(x, labels, parameters)}.
     */
    static String of(Network network) {
        TorchNetworkSource source = new TorchNetworkSource();
        String logits = source.layers(network.layers(), network.input(), "x0");
        String forward = source.lines
                + "    y = torch.softmax(l0, 1)\n"
                + "    s = torch.sum(torch.mul(y, torch.log_softmax(" + logits + ", 1)), [1], False)\n"
                + "    loss = torch.neg(torch.mean(s))\n";
        String arguments = "(self: __torch__.Program,\n    x: Tensor,\n    labels: Tensor,\n    p: List[Tensor]";
        return "  def ready(self: __torch__.Program,\n    p: List[Tensor]) -> List[Tensor]:\n"
                + "    r = annotate(List[Tensor], [])\n"
                + "    for i in range(torch.len(p)):\n"
                + "      _0 = torch.append(r, torch.requires_grad_(torch.detach(p[i]), True))\n"
                + "    return r\n"
                + "  def match" + arguments + ",\n    target: List[Tensor]) -> List[Tensor]:\n"
                + "    x0 = torch.requires_grad_(torch.detach(x), True)\n"
                + "    l0 = torch.requires_grad_(torch.detach(labels), True)\n"
                + forward
                + "    g = torch.grad([loss], p, None, True, True, False)\n"
                + "    distance = torch.sum(torch.pow(torch.sub(unchecked_cast(Tensor, g[0]), target[0]), 2))\n"
                + "    for i in range(torch.sub(torch.len(p), 1)):\n"
                + "      j = torch.add(i, 1)\n"
                + "      difference = torch.sub(unchecked_cast(Tensor, g[j]), target[j])\n"
                + "      distance = torch.add(distance, torch.sum(torch.pow(difference, 2)))\n"
                + "    d = torch.grad([distance], [x0, l0], None, False, False, False)\n"
                + "    dx = unchecked_cast(Tensor, d[0])\n"
                + "    dl = unchecked_cast(Tensor, d[1])\n"
                + "    return [torch.detach(distance), dx, dl]\n"
                + "  def gradient" + arguments + ") -> List[Tensor]:\n"
                + "    x0 = x\n"
                + "    l0 = labels\n"
                + forward
                + "    g = torch.grad([loss], p, None, False, False, False)\n"
                + "    r = annotate(List[Tensor], [])\n"
                + "    for i in range(torch.len(g)):\n"
                + "      _0 = torch.append(r, unchecked_cast(Tensor, g[i]))\n"
                + "    return r\n";
    }

    /** Writes layers; gives the name of their result. */
    private String layers(List<Layer> layers, Shape input, String x) {
        String value = x;
        Shape shape = input;
        for (Layer layer : layers) {
            value = layer instanceof Layer.Residual residual
                    ? assign("torch.add(" + layers(residual.body(), shape, value) + ", "
                            + layers(residual.shortcut(), shape, value) + ")")
                    : assign(expression(layer, shape, value));
            shape = layer.output(shape);
        }
        return value;
    }

    private String assign(String expression) {
        String name = "v" + values++;
        lines.append("    ").append(name).append(" = ").append(expression).append('\n');
        return name;
    }

    private String parameter() {
        return "p[" + parameters++ + "]";
    }

    private String expression(Layer layer, Shape input, String x) {
        if (layer instanceof Layer.Convolution c) {
            String stride = "[" + c.stride() + ", " + c.stride() + "]";
            String padding = "[" + c.padding() + ", " + c.padding() + "]";
            return "torch.conv2d(" + x + ", " + parameter() + ", " + parameter() + ", " + stride + ", " + padding
                    + ", [1, 1], 1)";
        }
        if (layer instanceof Layer.Linear) {
            return "torch.linear(" + x + ", " + parameter() + ", " + parameter() + ")";
        }
        if (layer instanceof Activation activation) {
            return switch (activation) {
                case SIGMOID -> "torch.sigmoid(" + x + ")";
                case TANH -> "torch.tanh(" + x + ")";
                case RELU -> "torch.relu(" + x + ")";
                case GELU -> "torch.gelu(" + x + ")";
                case GELU_TANH -> "torch.gelu(" + x + ", approximate=\"tanh\")";
            };
        }
        if (layer instanceof Layer.Flatten) {
            return "torch.flatten(" + x + ", 1)";
        }
        if (layer instanceof Layer.GlobalAverage) {
            return "torch.mean(" + x + ", " + (input instanceof Shape.Image ? "[2, 3]" : "[1]") + ")";
        }
        if (layer instanceof Layer.LastRow) {
            return "torch.select(" + x + ", 1, " + (((Shape.Rows) input).count() - 1) + ")";
        }
        if (layer instanceof Layer.AveragePool pool) {
            return "torch.avg_pool2d(" + x + ", [" + pool.size() + ", " + pool.size() + "])";
        }
        if (layer instanceof Layer.MaxPool pool) {
            return "torch.max_pool2d(" + x + ", [" + pool.size() + ", " + pool.size() + "])";
        }
        if (layer instanceof Layer.PositionEmbedding) {
            return "torch.add(" + x + ", " + parameter() + ")";
        }
        if (layer instanceof Layer.LayerNorm norm) {
            return "torch.layer_norm(" + x + ", [" + norm.features() + "], " + parameter() + ", " + parameter() + ", "
                    + norm.epsilon() + ")";
        }
        if (layer instanceof Layer.SelfAttention attention) {
            return attention(attention, (Shape.Rows) input, x);
        }
        throw new IllegalArgumentException("no TorchScript for " + layer);
    }

    /** Written out: the fused operator has no second derivative. */
    private String attention(Layer.SelfAttention attention, Shape.Rows input, String x) {
        int heads = attention.heads();
        int width = input.features() / 3;
        int head = width / heads;
        String parts = assign("torch.permute(torch.reshape(" + x + ", [-1, " + input.count() + ", 3, " + heads + ", "
                + head + "]), [2, 0, 3, 1, 4])");
        String query = assign("torch.mul(torch.select(" + parts + ", 0, 0), " + 1 / Math.sqrt(head) + ")");
        String key = assign("torch.transpose(torch.select(" + parts + ", 0, 1), 2, 3)");
        String scores = assign("torch.matmul(" + query + ", " + key + ")");
        if (attention.causal()) {
            String mask = assign("torch.gt(torch.triu(torch.ones_like(torch.select(torch.select(" + scores
                    + ", 0, 0), 0, 0)), 1), 0.5)");
            scores = assign("torch.masked_fill(" + scores + ", " + mask + ", -inf)");
        }
        String mixed = assign("torch.matmul(torch.softmax(" + scores + ", 3), torch.select(" + parts + ", 0, 2))");
        return "torch.reshape(torch.transpose(" + mixed + ", 1, 2), [-1, " + input.count() + ", " + width + "])";
    }
}
