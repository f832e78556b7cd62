// SPDX-License-Identifier: MIT
// What needs no device: what a program reads where CUDA cannot do what it is asked, and what cuBLASLt and cuDNN
// understand of what they are told.

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "lamina/cuda.hpp"
#include "lamina/lamina.hpp"

namespace cuda_test {

using namespace lamina;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The sentence that a call throws.
template <class Error, class Call>
std::string thrown(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing of this kind was thrown";
}

TEST(CudaErrors, NameTheCallTheReasonAndWhatToDo) {
  const std::string none =
      thrown<NoCudaDevice>([] { cuda_calls::check(cudaErrorNoDevice, "cudaGetDeviceCount"); });
  EXPECT_TRUE(holds(none, "cudaGetDeviceCount failed with cudaErrorNoDevice")) << none;
  EXPECT_TRUE(holds(none, "CUDA_VISIBLE_DEVICES, or use the CPU backend")) << none;

  const std::string old =
      cuda_calls::runtime_sentence("cudaGetDevice", cudaErrorInsufficientDriver, 12040);
  EXPECT_TRUE(holds(old, "the NVIDIA driver knows CUDA up to 12.4")) << old;
  EXPECT_TRUE(holds(old, "this program needs " + cuda_calls::version_text(CUDART_VERSION))) << old;
  const std::string missing =
      cuda_calls::runtime_sentence("cudaGetDevice", cudaErrorInsufficientDriver, 0);
  EXPECT_TRUE(holds(missing, "there is no NVIDIA driver on this machine")) << missing;

  const std::string architecture = thrown<CudaError>(
      [] { cuda_calls::check(cudaErrorNoKernelImageForDevice, "the launch of a kernel"); });
  EXPECT_TRUE(holds(architecture, "CMAKE_CUDA_ARCHITECTURES")) << architecture;
  const std::string kernel = thrown<CudaError>(
      [] { cuda_calls::check(cudaErrorIllegalAddress, "cudaStreamSynchronize"); });
  EXPECT_TRUE(holds(kernel, "cudaErrorIllegalAddress")) << kernel;
  EXPECT_TRUE(holds(kernel, "compute-sanitizer")) << kernel;
  EXPECT_NO_THROW(cuda_calls::check(cudaSuccess, "cudaGetDevice"));
}

TEST(CudaErrors, AFullMemorySaysWhatWasAskedForAndWhatIsFree) {
  const std::string text = cuda_calls::out_of_memory(123'456'789, 4096, 85'899'345'920);
  EXPECT_TRUE(holds(text, "123456789 bytes were asked for")) << text;
  EXPECT_TRUE(holds(text, "4096 of the GPU's 85899345920 are free")) << text;
  EXPECT_TRUE(holds(text, "use a smaller batch")) << text;
}

TEST(CudaErrors, LibrariesSayWhatFailed) {
  const std::string blas =
      thrown<CudaError>([] { cuda_calls::check(CUBLAS_STATUS_NOT_SUPPORTED, "cublasLtMatmul"); });
  EXPECT_TRUE(holds(blas, "cublasLtMatmul failed with CUBLAS_STATUS_NOT_SUPPORTED")) << blas;
  const std::string dnn =
      thrown<CudaError>([] { cuda_calls::check(CUDNN_STATUS_BAD_PARAM, "cudnnCreate"); });
  EXPECT_TRUE(holds(dnn, "cudnnCreate failed with CUDNN_STATUS_BAD_PARAM")) << dnn;
  EXPECT_NO_THROW(cuda_calls::check(CUBLAS_STATUS_SUCCESS, "cublasLtMatmul"));
  EXPECT_NO_THROW(cuda_calls::check(CUDNN_STATUS_SUCCESS, "cudnnCreate"));
}

/// What a user writes: the same function for either backend.
template <class B>
std::size_t outputs() {
  Model<Sequential<Linear<3, 2>>, Shape<3>, B> model{Seed{1}};
  return model.forward(Tensor<Shape<3>>(4)).size();
}

#ifdef LAMINA_NCCL
TEST(CudaErrors, NcclSaysWhatFailed) {
  const std::string text =
      thrown<CudaError>([] { cuda_calls::check(ncclInvalidUsage, "ncclAllReduce"); });
  EXPECT_TRUE(holds(text, "ncclAllReduce failed with \"invalid usage")) << text;
  EXPECT_NO_THROW(cuda_calls::check(ncclSuccess, "ncclAllReduce"));
}

TEST(CudaErrors, TooManyDevicesAreCounted) {
  const std::string text = thrown<CudaError>([] { cuda_calls::require_devices(4, 1); });
  EXPECT_TRUE(holds(text, "asked for 4 GPUs, and this program may use 1")) << text;
  EXPECT_NO_THROW(cuda_calls::require_devices(2, 2));
}
#endif

TEST(CudaErrors, WithoutADeviceEverythingSaysSoAndTheCpuGoesOn) {
  if (Cuda::available()) GTEST_SKIP() << "there is a device";
  const std::string why = Cuda::why_unavailable();
  EXPECT_TRUE(holds(why, "use the CPU backend")) << why;
  EXPECT_EQ(thrown<NoCudaDevice>(outputs<Cuda>), why);
  EXPECT_EQ(thrown<NoCudaDevice>([] { Tensor<Shape<3>, Cuda>(1); }), why);
  EXPECT_EQ(thrown<NoCudaDevice>(Cuda::synchronize), why);
  EXPECT_EQ(thrown<NoCudaDevice>([] { Cuda::device_name(); }), why);
#ifdef LAMINA_NCCL
  EXPECT_EQ(thrown<NoCudaDevice>([] { data_parallel<Cuda>(2, [](Replica&) {}); }), why);
#endif
  EXPECT_EQ(Cuda::devices(), 0U);
  EXPECT_EQ(Cuda::available() ? outputs<Cuda>() : outputs<Cpu>(), 4U);
}

TEST(CudaErrors, AGpuHasANameAndOthersAreCounted) {
  if (!Cuda::available()) GTEST_SKIP() << "there is no device";
  const std::size_t count = Cuda::devices();
  for (std::size_t device = 0; device < count; ++device)
    EXPECT_FALSE(Cuda::device_name(device).empty());
  const std::string text = thrown<std::invalid_argument>([=] { Cuda::device_name(count); });
  EXPECT_TRUE(holds(text, "this program may use " + std::to_string(count))) << text;
}

/// One of cuDNN's offers.
cudnnConvolutionFwdAlgoPerf_t offer(cudnnConvolutionFwdAlgo_t algorithm,
                                    cudnnDeterminism_t determinism, cudnnMathType_t math,
                                    std::size_t memory = 0,
                                    cudnnStatus_t status = CUDNN_STATUS_SUCCESS) {
  cudnnConvolutionFwdAlgoPerf_t result{};
  result.algo = algorithm;
  result.status = status;
  result.memory = memory;
  result.determinism = determinism;
  result.mathType = math;
  return result;
}

TEST(CudaConvolutions, TakeTheFirstOfferThatRepeatsItsBitsInThePrecisionAskedFor) {
  constexpr auto gemm = CUDNN_CONVOLUTION_FWD_ALGO_GEMM;
  constexpr auto implicit = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM;
  constexpr auto precomputed = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
  const std::array offers{
      offer(gemm, CUDNN_DETERMINISTIC, CUDNN_FMA_MATH, 0, CUDNN_STATUS_NOT_SUPPORTED),
      offer(gemm, CUDNN_NON_DETERMINISTIC, CUDNN_FMA_MATH),
      offer(gemm, CUDNN_DETERMINISTIC, CUDNN_FMA_MATH, std::size_t{1} << 40),
      offer(precomputed, CUDNN_DETERMINISTIC, CUDNN_TENSOR_OP_MATH, 64),
      offer(implicit, CUDNN_DETERMINISTIC, CUDNN_FMA_MATH, 32)};
  using Algorithm = cudnnConvolutionFwdAlgo_t;
  const auto full = cuda_calls::choose<Algorithm>(offers, 5, CudaMath::fp32);
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->algorithm, implicit);
  EXPECT_EQ(full->workspace, 32U);
  const auto rounded = cuda_calls::choose<Algorithm>(offers, 5, CudaMath::tf32);
  ASSERT_TRUE(rounded.has_value());
  EXPECT_EQ(rounded->algorithm, precomputed);
  EXPECT_FALSE(cuda_calls::choose<Algorithm>(offers, 3, CudaMath::tf32).has_value());
}

/// cuDNN works out what a convolution puts out without a device: it must be the small grid.
void expect_small_grid(const WindowGeometry& g) {
  constexpr int images = 5;
  const auto c = cuda_calls::describe({g, images}, CudaMath::fp32);
  std::array<int, 4> out{};
  ASSERT_EQ(cudnnGetConvolution2dForwardOutputDim(c.convolution, c.x, c.filter, &out[0], &out[1],
                                                  &out[2], &out[3]),
            CUDNN_STATUS_SUCCESS);
  EXPECT_EQ(out, (std::array{images, g.small_channels, g.small_height, g.small_width}));
  cudnnDataType_t type{};
  std::array<int, 4> size{}, stride{};
  ASSERT_EQ(cudnnGetTensor4dDescriptor(c.x, &type, &size[0], &size[1], &size[2], &size[3],
                                       &stride[0], &stride[1], &stride[2], &stride[3]),
            CUDNN_STATUS_SUCCESS);
  EXPECT_EQ(size, (std::array{images, g.big_channels, g.big_height, g.big_width}));
  EXPECT_EQ(stride, (std::array{static_cast<int>(g.big_size()), 1, g.big_width * g.big_channels,
                                g.big_channels}))
      << "channels-last";
}

TEST(CudaConvolutions, AreDescribedAsCudnnUnderstandsThem) {
  expect_small_grid(conv2d_geometry(28, 28, 1, 32, 4, 2, 1));
  expect_small_grid(conv2d_geometry(9, 7, 4, 3, 2, 3, 0));
  expect_small_grid(conv2d_geometry(6, 5, 3, 17, 3, 1, 1));
  expect_small_grid(conv_transpose2d_geometry(7, 7, 64, 32, 4, 2, 1, 0));
  expect_small_grid(conv_transpose2d_geometry(5, 4, 3, 6, 3, 2, 1, 1));
  expect_small_grid(conv_transpose2d_geometry(3, 3, 2, 4, 2, 3, 0, 2));
  cudnnMathType_t math{};
  const auto rounded =
      cuda_calls::describe({conv2d_geometry(8, 8, 4, 4, 3, 1, 1), 2}, CudaMath::tf32);
  ASSERT_EQ(cudnnGetConvolutionMathType(rounded.convolution, &math), CUDNN_STATUS_SUCCESS);
  EXPECT_EQ(math, CUDNN_TENSOR_OP_MATH);
  const auto full = cuda_calls::describe({conv2d_geometry(8, 8, 4, 4, 3, 1, 1), 2}, CudaMath::fp32);
  ASSERT_EQ(cudnnGetConvolutionMathType(full.convolution, &math), CUDNN_STATUS_SUCCESS);
  EXPECT_EQ(math, CUDNN_FMA_MATH) << "TF32 is off";
}

template <class Value>
Value attribute(cublasLtMatrixLayout_t layout, cublasLtMatrixLayoutAttribute_t name) {
  Value value{};
  std::size_t written = 0;
  EXPECT_EQ(cublasLtMatrixLayoutGetAttribute(layout, name, &value, sizeof value, &written),
            CUBLAS_STATUS_SUCCESS);
  return value;
}

TEST(CudaMatrixProducts, AreDescribedAsCublasLtUnderstandsThem) {
  // gradient (5 x 7) += small^T big, of 3 images: small is 3 x 5, big 3 x 7, row after row.
  const MatrixProduct product =
      RowMajorProduct{.rows = 5, .columns = 7, .inner = 3, .transpose_a = true, .accumulate = true}
          .b_first();
  const auto p = cuda_calls::describe(product, CudaMath::fp32);
  const auto size = [](cublasLtMatrixLayout_t layout) {
    return std::array{
        attribute<std::uint64_t>(layout, CUBLASLT_MATRIX_LAYOUT_ROWS),
        attribute<std::uint64_t>(layout, CUBLASLT_MATRIX_LAYOUT_COLS),
        static_cast<std::uint64_t>(attribute<std::int64_t>(layout, CUBLASLT_MATRIX_LAYOUT_LD))};
  };
  using Size = std::array<std::uint64_t, 3>;
  EXPECT_EQ(size(p.a), (Size{7, 3, 7})) << "big, seen by columns";
  EXPECT_EQ(size(p.b), (Size{5, 3, 5})) << "small, seen by columns";
  EXPECT_EQ(size(p.c), (Size{7, 5, 7})) << "the gradient, seen by columns";
  cublasOperation_t operation{};
  std::size_t written = 0;
  cublasLtMatmulDescGetAttribute(p.operation, CUBLASLT_MATMUL_DESC_TRANSA, &operation,
                                 sizeof operation, &written);
  EXPECT_EQ(operation, CUBLAS_OP_N);
  cublasLtMatmulDescGetAttribute(p.operation, CUBLASLT_MATMUL_DESC_TRANSB, &operation,
                                 sizeof operation, &written);
  EXPECT_EQ(operation, CUBLAS_OP_T);
  // What cuBLASLt does not take is an exception.
  const auto preference = cuda_calls::preference(std::size_t{1} << 20, {256, 4, 64});
  EXPECT_EQ(cublasLtMatmulPreferenceDestroy(preference), CUBLAS_STATUS_SUCCESS);
}

TEST(CudaConvolutions, KnowAllKindsOfNotSupported) {
  EXPECT_TRUE(cuda_calls::is_not_supported(CUDNN_STATUS_NOT_SUPPORTED));
  EXPECT_TRUE(cuda_calls::is_not_supported(CUDNN_STATUS_NOT_SUPPORTED_LAYOUT));
  EXPECT_FALSE(cuda_calls::is_not_supported(CUDNN_STATUS_SUCCESS));
  EXPECT_FALSE(cuda_calls::is_not_supported(CUDNN_STATUS_BAD_PARAM));
}

}  // namespace cuda_test
