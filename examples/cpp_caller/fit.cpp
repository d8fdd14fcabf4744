/* The C target behind a caller in C++, which minimises as NLopt and Ceres do: by a callback.

symdiff grad "(1 - x)**2 + 100*(y - x**2)**2" --name rosenbrock \
    --target c -o rosenbrock.c
cc -O2 -c rosenbrock.c && c++ -O2 fit.cpp rosenbrock.o -o fit -lm && ./fit
*/

#include <cmath>
#include <cstdio>
#include <vector>

#include "rosenbrock.h"

// An nlopt_func: nlopt_set_min_objective(opt, objective, nullptr) takes it as it is.
static double objective(unsigned, const double *x, double *gradient, void *)
{
    double value, by_x, by_y;
    rosenbrock_value_and_grad(x[0], x[1], &value, &by_x, &by_y);
    if (gradient) {
        gradient[0] = by_x;
        gradient[1] = by_y;
    }
    return value;
}

typedef double (*Function)(unsigned, const double *, double *, void *);

// Gradient descent with the steps of J. Barzilai and J. M. Borwein (1988), halved until they go down.
static double minimised(Function f, std::vector<double> &x)
{
    const unsigned n = static_cast<unsigned>(x.size());
    std::vector<double> gradient(n), next(n), moved(n);
    double value = f(n, x.data(), gradient.data(), nullptr), step = 1e-3;
    for (int k = 0; k < 20000; ++k) {
        double size = 0.0, ss = 0.0, sy = 0.0, found;
        for (unsigned i = 0; i < n; ++i) {
            size += gradient[i] * gradient[i];
        }
        if (std::sqrt(size) < 1e-9) {
            break;
        }
        do {
            for (unsigned i = 0; i < n; ++i) {
                moved[i] = x[i] - step * gradient[i];
            }
            found = f(n, moved.data(), next.data(), nullptr);
            step *= 0.5;
        } while (found > value - 1e-4 * step * size);
        for (unsigned i = 0; i < n; ++i) {
            const double s = moved[i] - x[i];
            ss += s * s;
            sy += s * (next[i] - gradient[i]);
        }
        step = sy > 0.0 ? ss / sy : 1e-3;
        x = moved;
        gradient = next;
        value = found;
    }
    return value;
}

int main()
{
    std::vector<double> x{-1.2, 1.0};
    const double value = minimised(objective, x);
    std::printf("minimum: %.6f %.6f\nvalue: %.1e\n", x[0], x[1], value);
    return 0;
}
