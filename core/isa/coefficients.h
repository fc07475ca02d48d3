// Written by core/tools/coefficients.py; do not edit. Polynomials are ascending minimax fits; the number
// at each is the largest relative error of the function built on it, before its coefficients are rounded.
#pragma once
#include "simd.h"

namespace actlab::ACTLAB_ISA {

template <class T> struct coefficients;
template <> struct coefficients<float> {
  // in two parts; n times the first is exact for every exponent n
  static constexpr float ln2[] = {0x1.62e4000000000p-1f, 0x1.7f7d1c0000000p-20f};
  static constexpr float log2e = 0x1.7154760000000p+0f;
  static constexpr float sqrt_half = 0x1.6a09e60000000p-1f;
  // hi + lo
  static constexpr float two_thirds[] = {0x1.5555560000000p-1f, -0x1.5555560000000p-26f};
  // 1 / sqrt(2 pi), hi + lo
  static constexpr float normal_density[] = {0x1.9884540000000p-2f, -0x1.8579360000000p-27f};
  static constexpr float sqrt2 = 0x1.6a09e60000000p+0f;
  // hi + lo
  static constexpr float half_pi[] = {0x1.921fb60000000p+0f, -0x1.777a5c0000000p-25f};
  // n times each of the first three is exact
  static constexpr float half_pi_parts[] = {
      0x1.9200000000000p+0f, 0x1.fb40000000000p-12f, 0x1.4440000000000p-24f, 0x1.68c2340000000p-39f};
  static constexpr float two_over_pi = 0x1.45f3060000000p-1f;
  // tan(pi / 8)
  static constexpr float tan_eighth = 0x1.a8279a0000000p-2f;
  // k of the Mills ratio's variable t
  static constexpr float mills_shift = 0x1.8000000000000p+1f;
  // erf is a polynomial below
  static constexpr float erf_inner = 0x1.0000000000000p+0f;
  // normcdf(-x) and normpdf(x) are zero from here on
  static constexpr float mills_cap = 0x1.d000000000000p+3f;
  // (expm1(r) - r) / r^2 for |r| <= ln 2 / 2: 1.3e-8
  static constexpr float exp[] = {
      0x1.fffffe0000000p-2f, 0x1.5554b00000000p-3f, 0x1.5556740000000p-5f, 0x1.1227f60000000p-7f,
      0x1.6bec300000000p-10f,
  };
  // (expm1(r) - r) / r^2 for |r| <= ln 2 / 32: 1.6e-9
  static constexpr float exp_sixteenth[] = {
      0x1.0002200000000p-1f, 0x1.55559c0000000p-3f,
  };
  // (tanh(r) / r - 1) / z, z = r^2, for |r| <= 1 / 2: 1.5e-8
  static constexpr float tanh[] = {
      -0x1.5554d60000000p-2f, 0x1.10e9f60000000p-3f, -0x1.b28bd00000000p-5f, 0x1.1a790a0000000p-6f,
  };
  // (2 atanh(s) / s - 2) / z, z = s^2: 1.6e-9
  static constexpr float log[] = {
      0x1.55557a0000000p-1f, 0x1.995eaa0000000p-2f, 0x1.31e49e0000000p-2f,
  };
  // (2 atanh(s) / s - 2 - 2 z / 3) / z^2, z = s^2: 1.7e-11
  static constexpr float log_tail[] = {
      0x1.999a000000000p-2f, 0x1.24528c0000000p-2f, 0x1.df9f4e0000000p-3f,
  };
  // (e - log1p(e)) / e^2 for 0 <= e <= 1: 1.3e-10
  static constexpr float softplus[] = {
      0x1.fffffe0000000p-2f, -0x1.5554f60000000p-2f, 0x1.fff0280000000p-3f, -0x1.98f08c0000000p-3f,
      0x1.51291e0000000p-3f, -0x1.1384140000000p-3f, 0x1.a08d5c0000000p-4f, -0x1.0841d00000000p-4f,
      0x1.f432ac0000000p-6f, -0x1.2e40900000000p-7f, 0x1.563ad80000000p-10f,
  };
  // (mills(0) / mills(a) - 1) / a, t = (a - k) / (a + k), mills(a) = (1 - normcdf(a)) / normpdf(a): 1.5e-8
  static constexpr float mills[] = {
      0x1.09cad60000000p+0f, 0x1.0356840000000p-2f, -0x1.10085c0000000p-6f, -0x1.0194d80000000p-5f,
      0x1.481e1a0000000p-8f, 0x1.f103240000000p-8f, -0x1.45c8360000000p-10f, -0x1.0ffe940000000p-9f,
      0x1.753da20000000p-13f, 0x1.8f4d280000000p-12f,
  };
  // erf(x) / x - 1, z = x^2, for |x| <= 1: 1.2e-9
  static constexpr float erf[] = {
      0x1.06eba80000000p-3f, -0x1.81273e0000000p-2f, 0x1.ce2cf40000000p-4f, -0x1.b7f8dc0000000p-6f,
      0x1.5404160000000p-8f, -0x1.a3eaa00000000p-11f, 0x1.4946b20000000p-14f,
  };
  // (atan(t) / t - 1) / z, z = t^2, for |t| <= tan(pi / 8): 6.6e-10
  static constexpr float atan[] = {
      -0x1.55554a0000000p-2f, 0x1.9991aa0000000p-3f, -0x1.23b6640000000p-3f, 0x1.b1fcc40000000p-4f,
      -0x1.f239160000000p-5f,
  };
  // (sin(r) / r - 1) / z, z = r^2, for |r| <= pi / 4: 3.6e-9
  static constexpr float sin[] = {
      -0x1.5555460000000p-3f, 0x1.1107560000000p-7f, -0x1.994b760000000p-13f,
  };
  // (cos(r) - 1 + z / 2) / z^2, z = r^2, for |r| <= pi / 4: 9.6e-11
  static constexpr float cos[] = {
      0x1.55554a0000000p-5f, -0x1.6c0c820000000p-10f, 0x1.99ff940000000p-16f,
  };
  // in two parts; n / 16 times the first is exact
  static constexpr float ln2_of_sixteenths[] = {
      0x1.62e0000000000p-1f, 0x1.0bfbe80000000p-15f,
  };
  // tanh(j)
  static constexpr float tanh_nodes[] = {
      0x0.0p+0f, 0x1.85efac0000000p-1f, 0x1.ed95060000000p-1f, 0x1.fd77d20000000p-1f, 0x1.ffa8180000000p-1f,
      0x1.fff41a0000000p-1f, 0x1.fffe640000000p-1f, 0x1.ffffc80000000p-1f, 0x1.fffff80000000p-1f,
      0x1.0000000000000p+0f, 0x1.0000000000000p+0f, 0x1.0000000000000p+0f, 0x1.0000000000000p+0f,
      0x1.0000000000000p+0f, 0x1.0000000000000p+0f, 0x1.0000000000000p+0f,
  };
  // 2^(j / 16)
  static constexpr float exp_nodes[] = {
      0x1.0000000000000p+0f, 0x1.0b55860000000p+0f, 0x1.172b840000000p+0f, 0x1.2387a60000000p+0f,
      0x1.306fe00000000p+0f, 0x1.3dea640000000p+0f, 0x1.4bfdae0000000p+0f, 0x1.5ab07e0000000p+0f,
      0x1.6a09e60000000p+0f, 0x1.7a11480000000p+0f, 0x1.8ace540000000p+0f, 0x1.9c49180000000p+0f,
      0x1.ae89fa0000000p+0f, 0x1.c199be0000000p+0f, 0x1.d5818e0000000p+0f, 0x1.ea4afa0000000p+0f,
  };
  // 2^(j / 16) / sqrt(2 pi)
  static constexpr float density_nodes[] = {
      0x1.9884540000000p-2f, 0x1.aa9a7e0000000p-2f, 0x1.bd7da80000000p-2f, 0x1.d136e20000000p-2f,
      0x1.e5cfaa0000000p-2f, 0x1.fb51e40000000p-2f, 0x1.08e3f40000000p-1f, 0x1.149e3e0000000p-1f,
      0x1.20dd760000000p-1f, 0x1.2da77a0000000p-1f, 0x1.3b02740000000p-1f, 0x1.48f4ce0000000p-1f,
      0x1.5785380000000p-1f, 0x1.66bab60000000p-1f, 0x1.769c940000000p-1f, 0x1.8732760000000p-1f,
  };
  // mills(a) for 0 <= a <= mills_cap: 6.2e-9, in floats 2.6e-8
  static constexpr float mills_top[] = {
      0x1.40d9320000000p+0f, 0x1.18d3320000000p+0f, 0x1.d4fe140000000p-2f, 0x1.9f502e0000000p-4f,
      0x1.4fb1bc0000000p-7f,
  };
  static constexpr float mills_bottom[] = {
      0x1.0000000000000p+0f, 0x1.ac53100000000p+0f, 0x1.334d880000000p+0f, 0x1.df53c40000000p-2f,
      0x1.9f570e0000000p-4f, 0x1.4fb0b60000000p-7f,
  };
};
template <> struct coefficients<double> {
  // in two parts; n times the first is exact for every exponent n
  static constexpr double ln2[] = {0x1.62e42fefa3000p-1, 0x1.3de6af278ece6p-42};
  static constexpr double log2e = 0x1.71547652b82fep+0;
  static constexpr double sqrt_half = 0x1.6a09e667f3bcdp-1;
  // hi + lo
  static constexpr double two_thirds[] = {0x1.5555555555555p-1, 0x1.5555555555555p-55};
  // 1 / sqrt(2 pi), hi + lo
  static constexpr double normal_density[] = {0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56};
  static constexpr double sqrt2 = 0x1.6a09e667f3bcdp+0;
  // hi + lo
  static constexpr double half_pi[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
  // n times each of the first three is exact
  static constexpr double half_pi_parts[] = {
      0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e000000p-69, 0x1.b839a252049c1p-104};
  static constexpr double two_over_pi = 0x1.45f306dc9c883p-1;
  // tan(pi / 8)
  static constexpr double tan_eighth = 0x1.a827999fcef32p-2;
  // k of the Mills ratio's variable t
  static constexpr double mills_shift = 0x1.8000000000000p+1;
  // erf is a polynomial below
  static constexpr double erf_inner = 0x1.0000000000000p+0;
  // normcdf(-x) and normpdf(x) are zero from here on
  static constexpr double mills_cap = 0x1.3800000000000p+5;
  // (expm1(r) - r) / r^2 for |r| <= ln 2 / 2: 2.6e-19
  static constexpr double exp[] = {
      0x1.0000000000000p-1, 0x1.5555555555559p-3, 0x1.555555555553ep-5, 0x1.111111110f6aap-7, 0x1.6c16c16c1f0d8p-10,
      0x1.a01a01afe93d8p-13, 0x1.a01a017bbecbap-16, 0x1.71ddf84318a9cp-19, 0x1.27e5360c7a80dp-22,
      0x1.af5ee66108a20p-26, 0x1.1ee903c565c47p-29,
  };
  // (2 atanh(s) / s - 2) / z, z = s^2: 2.5e-18
  static constexpr double log[] = {
      0x1.5555555555593p-1, 0x1.999999997fcabp-2, 0x1.2492494200f7bp-2, 0x1.c71c51fbb9337p-3, 0x1.746641dd1f8f5p-3,
      0x1.39a16a79d6e49p-3, 0x1.2f08b32e9d5dcp-3,
  };
  // (2 atanh(s) / s - 2 - 2 z / 3) / z^2, z = s^2: 9.6e-25
  static constexpr double log_tail[] = {
      0x1.999999999999ap-2, 0x1.249249249246fp-2, 0x1.c71c71c722797p-3, 0x1.745d17417d7c3p-3, 0x1.3b13b3124a468p-3,
      0x1.1110942d0bfe3p-3, 0x1.e20b8a71ea92ep-4, 0x1.aaeb28ba7ede3p-4, 0x1.c321aeeb06874p-4,
  };
  // (e - log1p(e)) / e^2 for 0 <= e <= 1: 6.9e-21
  static constexpr double softplus[] = {
      0x1.0000000000000p-1, -0x1.555555555553bp-2, 0x1.fffffffffed9dp-3, -0x1.9999999963d11p-3, 0x1.5555554f5c5f4p-3,
      -0x1.249248b31675fp-3, 0x1.fffff405069d9p-4, -0x1.c71bf990d7978p-4, 0x1.9995fd36715f6p-4, -0x1.74474c9edb805p-4,
      0x1.54ec330de2f95p-4, -0x1.39783cbe5daacp-4, 0x1.1f68645660245p-4, -0x1.034f691a5ec6ep-4, 0x1.c2a945be2e1e8p-5,
      -0x1.6e62b030b97c0p-5, 0x1.0d814679bdf98p-5, -0x1.5a51de8873251p-6, 0x1.76ddc13cbe96ap-7, -0x1.4883b30475926p-8,
      0x1.bc0e0407d9706p-10, -0x1.afd564bce2a1ap-12, 0x1.0bc77df41b8dcp-14, -0x1.3d2a20699727ap-18,
  };
  // (mills(0) / mills(a) - 1) / a, t = (a - k) / (a + k), mills(a) = (1 - normcdf(a)) / normpdf(a): 2.4e-18
  static constexpr double mills[] = {
      0x1.09cad6a62cd66p+0, 0x1.035695c2553fdp-2, -0x1.100ad83165f67p-6, -0x1.01a5b482eb2c4p-5, 0x1.48ac565586588p-8,
      0x1.f582033e72b21p-8, -0x1.4f2345b65a648p-10, -0x1.2f69ff5813ca0p-9, 0x1.ca8ef33a6216fp-13,
      0x1.8a71f03f5c588p-11, 0x1.a5d0f2d9b2a33p-16, -0x1.f38e874cf006ap-13, -0x1.91bf842e663b9p-15,
      0x1.19d17374cb071p-14, 0x1.dd51cd400a88bp-16, -0x1.f23f16522fb96p-17, -0x1.9002d6061fec5p-17,
      0x1.c47c3619fe82ap-20, 0x1.fe3eb03710405p-19, 0x1.b02c0c4ab0951p-22, -0x1.e0b6cb5b91f5dp-21,
      -0x1.2981729b51409p-22, 0x1.2afd217d12971p-23, 0x1.2e6a24d8957e3p-24, -0x1.6a649e3d2e270p-27,
      -0x1.04b8b869fda1ep-27,
  };
  // erf(x) / x - 1, z = x^2, for |x| <= 1: 1.3e-19
  static constexpr double erf[] = {
      0x1.06eba8214db69p-3, -0x1.812746b0379e6p-2, 0x1.ce2f21a042b1ep-4, -0x1.b82ce312848f7p-6, 0x1.565bcd0dae8afp-8,
      -0x1.c02db3d89f0f8p-11, 0x1.f9a32197e9b30p-14, -0x1.f4d1de82c723ep-17, 0x1.b9dee8336cfa8p-20,
      -0x1.5f1ce4c0091d7p-23, 0x1.f7a089a7d6093p-27, -0x1.385f934393bccp-30, 0x1.055ac43caa97bp-34,
  };
  // (atan(t) / t - 1) / z, z = t^2, for |t| <= tan(pi / 8): 1.3e-18
  static constexpr double atan[] = {
      -0x1.555555555553dp-2, 0x1.999999999588fp-3, -0x1.24924922aeb51p-3, 0x1.c71c70e6a3aebp-4, -0x1.745cf8ed3b4b2p-4,
      0x1.3b111a3ca987dp-4, -0x1.10ebc448ea42fp-4, 0x1.df0febc6710a8p-5, -0x1.9cd54a007dfcbp-5, 0x1.37db648961d6ap-5,
      -0x1.25754f9697568p-6,
  };
  // (sin(r) / r - 1) / z, z = r^2, for |r| <= pi / 4: 2.0e-21
  static constexpr double sin[] = {
      -0x1.5555555555555p-3, 0x1.111111111110bp-7, -0x1.a01a01a018ab7p-13, 0x1.71de3a5335bb6p-19,
      -0x1.ae64529356bb5p-26, 0x1.61208f808edf3p-33, -0x1.aaa3a81a2d160p-41,
  };
  // (cos(r) - 1 + z / 2) / z^2, z = r^2, for |r| <= pi / 4: 2.3e-23
  static constexpr double cos[] = {
      0x1.5555555555555p-5, -0x1.6c16c16c16c10p-10, 0x1.a01a01a018dc3p-16, -0x1.27e4fb75facf9p-22,
      0x1.1eed8ca0a35b7p-29, -0x1.939334c80161ep-37, 0x1.aac4172812c60p-45,
  };
};
template <> struct coefficients<brief> : coefficients<double> {
  // erf is a polynomial below
  static constexpr double erf_inner = 0x1.0000000000000p-2;
  // (expm1(r) - r) / r^2 for |r| <= ln 2 / 2: 1.4e-15
  static constexpr double exp[] = {
      0x1.fffffffffffbep-2, 0x1.5555555552208p-3, 0x1.5555555564c38p-5, 0x1.111111214a65ap-7, 0x1.6c16c1357af95p-10,
      0x1.a0199ba421c66p-13, 0x1.a01a78b820932p-16, 0x1.72dab289623e8p-19, 0x1.27dd0c6d82c69p-22,
  };
  // (e - log1p(e)) / e^2 for 0 <= e <= 1: 3.5e-16
  static constexpr double softplus[] = {
      0x1.ffffffffff454p-2, -0x1.55555554e87b4p-2, 0x1.ffffffd32c546p-3, -0x1.999994df9b2e6p-3, 0x1.5555084f2074cp-3,
      -0x1.248f08ec51159p-3, 0x1.ffce8b017a3dcp-4, -0x1.c6086e6f2cd57p-4, 0x1.950d497e78fe8p-4, -0x1.658831d6e3c55p-4,
      0x1.2f423c393266bp-4, -0x1.d9c1f850e2cd5p-5, 0x1.43c53fb9a4869p-5, -0x1.6e3a09c013c50p-6, 0x1.4255cfcf64957p-7,
      -0x1.9830499ee35c3p-9, 0x1.47bfe803ec4d3p-11, -0x1.f240553b773fcp-15,
  };
  // (mills(0) / mills(a) - 1) / a, t = (a - k) / (a + k), mills(a) = (1 - normcdf(a)) / normpdf(a): 6.2e-16
  static constexpr double mills[] = {
      0x1.09cad6a62cd69p+0, 0x1.035695c2554d4p-2, -0x1.100ad83176cf0p-6, -0x1.01a5b48318d2ap-5, 0x1.48ac56643f619p-8,
      0x1.f582036ca4df9p-8, -0x1.4f234ab1f903fp-10, -0x1.2f6a04cda612cp-9, 0x1.ca90ac19f048ap-13,
      0x1.8a72aa79c882fp-11, 0x1.a578344e51fecp-16, -0x1.f39df203d759ap-13, -0x1.910d0c1516333p-15,
      0x1.1a3c54940d29ep-14, 0x1.d9b2453c5dd10p-16, -0x1.f9fe94b00c720p-17, -0x1.83c15e640521cp-17,
      0x1.124b69ce45130p-19, 0x1.c959bc9fcb9abp-19, 0x1.65e01407f3f97p-25, -0x1.57769d71f5646p-21,
      -0x1.e311fe69207c3p-25, 0x1.c2166a0ea37e1p-25,
  };
  // erf(x) / x - 1, z = x^2, for |x| <= 0.25: 6.0e-18
  static constexpr double erf[] = {
      0x1.06eba8214db68p-3, -0x1.812746b037929p-2, 0x1.ce2f21a01385ep-4, -0x1.b82ce2cbcd5e3p-6, 0x1.565b9a906bc2bp-8,
      -0x1.c008a760fa2b9p-11, 0x1.ec1f2097048dap-14,
  };
  // (atan(t) / t - 1) / z, z = t^2, for |t| <= tan(pi / 8): 9.6e-16
  static constexpr double atan[] = {
      -0x1.5555555552290p-2, 0x1.99999993b7d93p-3, -0x1.2492474352da8p-3, 0x1.c71bda8b491bbp-4, -0x1.744f959dd47d6p-4,
      0x1.3a57a8c12275ep-4, -0x1.0aac2fbbb88e2p-4, 0x1.9cbdd8e6f876fp-5, -0x1.a18e9f1fce714p-6,
  };
  // (sin(r) / r - 1) / z, z = r^2, for |r| <= pi / 4: 3.5e-18
  static constexpr double sin[] = {
      -0x1.5555555555549p-3, 0x1.111111110f846p-7, -0x1.a01a019c0aca2p-13, 0x1.71de3571905bcp-19,
      -0x1.ae5e613c9891cp-26, 0x1.5d91823429e26p-33,
  };
  // (cos(r) - 1 + z / 2) / z^2, z = r^2, for |r| <= pi / 4: 4.7e-20
  static constexpr double cos[] = {
      0x1.555555555554cp-5, -0x1.6c16c16c15146p-10, 0x1.a01a019cac021p-16, -0x1.27e4f8059b3bdp-22,
      0x1.1ee9e8d7ccba8p-29, -0x1.8facf69a769dcp-37,
  };
};

// 64 zero bits, then 2 / pi = 0.b1 b2 b3 ..., for the reduction of large arguments of sin and cos.
static constexpr uint64_t two_over_pi_bits[] = {
    0x0000000000000000u, 0xa2f9836e4e441529u, 0xfc2757d1f534ddc0u, 0xdb6295993c439041u,
    0xfe5163abdebbc561u, 0xb7246e3a424dd2e0u, 0x06492eea09d1921cu, 0xfe1deb1cb129a73eu,
    0xe88235f52ebb4484u, 0xe99c7026b45f7e41u, 0x3991d639835339f4u, 0x9c845f8bbdf9283bu,
    0x1ff897ffde05980fu, 0xef2f118b5a0a6d1fu, 0x6d367ecf27cb09b7u, 0x4f463f669e5fea2du,
    0x7527bac7ebe5f17bu, 0x3d0739f78a5292eau, 0x6bfb5fb11f8d5d08u, 0x56033046fc7b6babu,
};

}  // namespace actlab
